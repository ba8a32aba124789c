using System.Text;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>Names: finding, moving and removing.</summary>
internal sealed partial class WindowsFileSystem
{
    private const char Separator = '\\';

    /// <summary>Slot 14. Deletes nothing: that is CLEANUP's.</summary>
    public int CanDelete(nint number)
    {
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (opened.Node == fileSystem.Root) return NtStatus.AccessDenied;
        if (opened.Kind != NodeKind.Directory) return NtStatus.Success;
        using var call = Begin();
        var listed = _wait.For(call.Operation, fileSystem.OpenDirectoryAsync(call.Context, opened.Node));
        if (listed.Error is { } error) return Fail(nameof(CanDelete), error);
        return listed.Value.Entries.Count == 0 ? NtStatus.Success : NtStatus.DirectoryNotEmpty;
    }

    /// <summary>Slot 15. The driver has seen to it that nobody has the target, or anything below a moved folder, open.</summary>
    public int Rename(string from, string to, bool replace)
    {
        using var call = Begin();
        var status = Find(call.Operation, from, out var source);
        if (status != NtStatus.Success) return status;
        status = Find(call.Operation, to, out var target);
        if (status != NtStatus.Success) return status;
        if (source.Found is not { } moved) return NtStatus.ObjectNameNotFound;
        if (source.Name.Length == 0 || target.Name.Length == 0) return NtStatus.AccessDenied;
        var name = target.Name;
        if (target.Found is { } replaced)
        {
            if (replaced.Id == moved.Id)
            {
                // Only the case changes. A mark says what the case is already.
                name = WindowsNames.FromWindows(LastName(to));
                if (name == source.Name && target.Parent == source.Parent) return NtStatus.Success;
            }
            else if (!replace)
            {
                return NtStatus.ObjectNameCollision;
            }
            else if (replaced.Kind == NodeKind.Directory || moved.Kind == NodeKind.Directory)
            {
                return NtStatus.AccessDenied;
            }
        }

        // What is replaced keeps the case of its name: it stays one object.
        var renamed = _wait.For(
            call.Operation, fileSystem.RenameAsync(call.Context, source.Parent, source.Name, target.Parent, name, replace ? RenameMode.Replace : RenameMode.NoReplace));
        if (renamed.Error is { } error) return Fail(nameof(Rename), error);
        if (target.Found is { } gone && gone.Id != moved.Id) fileSystem.Forget(gone.Id, 1);
        return NtStatus.Success;
    }

    // CLEANUP with the delete flag; false when it stays. FILE_DELETE_ON_CLOSE comes without CanDelete: the core looks whether a folder is empty.
    private bool TryDelete(Operation operation, OpenContext opened, string path)
    {
        if (Find(operation, path, out var place) != NtStatus.Success || place.Found is not { } found || found.Id != opened.Node)
        {
            LogNotDeleted(path, "the name stands for something else by now");
            return false;
        }

        var removed = _wait.For(operation, found.Kind == NodeKind.Directory
            ? fileSystem.RemoveDirectoryAsync(operation.Context, place.Parent, place.Name)
            : fileSystem.UnlinkAsync(operation.Context, place.Parent, place.Name));
        if (removed.Error is not { } error) return true;
        LogNotDeleted(path, error.Message);
        return false;
    }

    /// <summary>Finds what a path names. Success also where only the last name is missing.</summary>
    private int Find(Operation operation, string path, out Place place) => Find(operation, fileSystem.Root, path, out place);

    private int Find(Operation operation, NodeId from, string path, out Place place)
    {
        var (parent, at, kind) = (from, from, NodeKind.Directory);
        var shown = new StringBuilder(path.Length);
        place = new Place(from, "", (from, kind), @"\");
        var last = path.TrimEnd(Separator).Length;
        for (var start = path.StartsWith(Separator) ? 1 : 0; start < last;)
        {
            var end = path.IndexOf(Separator, start, last - start) is >= 0 and var separator ? separator : last;
            if (place.Found is null || kind != NodeKind.Directory) return NtStatus.ObjectPathNotFound;
            var wanted = WindowsNames.FromWindows(path[start..end], out var isMarked);
            var found = _wait.For(operation, fileSystem.LookupFoldedAsync(operation.Context, at, wanted));
            if (found.Error is { } error)
            {
                place = default;
                return error.Kind is FsErrorKind.NotFound or FsErrorKind.NotDirectory ? NtStatus.ObjectPathNotFound : Fail(nameof(Find), error);
            }

            var index = isMarked ? Array.FindIndex(found.Value, entry => entry.Name == wanted) : found.Value.Length > 0 ? 0 : -1;
            parent = at;
            shown.Append(Separator);
            if (index >= 0)
            {
                var entry = found.Value[index];
                (at, kind) = (entry.Id, entry.Kind);
                shown.Append(index == 0 ? WindowsNames.ToWindows(entry.Name) : WindowsNames.ToMarkedWindows(entry.Name));
                place = new Place(parent, entry.Name, (at, kind), "");
            }
            else
            {
                var isFirst = found.Value.Length == 0 || string.CompareOrdinal(wanted, found.Value[0].Name) < 0;
                shown.Append(isFirst ? WindowsNames.ToWindows(wanted) : WindowsNames.ToMarkedWindows(wanted));
                place = new Place(parent, wanted, null, "");
            }

            start = end + 1;
        }

        if (shown.Length > 0) place = place with { Path = shown.ToString() };
        return NtStatus.Success;
    }

    private static string LastName(string path) => path[(path.LastIndexOf(Separator) + 1)..];
}
