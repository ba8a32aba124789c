using System.Text;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>From Create or Open to CLEANUP and CLOSE.</summary>
internal sealed partial class WindowsFileSystem
{
    private const AccessRights Writes = AccessRights.WriteData | AccessRights.AppendData;

    /// <summary>Slot 3.</summary>
    public unsafe int Create(string path, CreateOptions create, FileAttributes attributes, ulong allocation, nint* number, OpenFileInfo* answer)
    {
        using var call = Begin();
        var status = Find(call.Operation, path, out var place);
        if (status != NtStatus.Success) return status;
        if (place.Found is not null) return NtStatus.ObjectNameCollision;
        if (create.HasFlag(CreateOptions.DirectoryFile))
        {
            var made = _wait.For(call.Operation, fileSystem.MakeDirectoryAsync(call.Context, place.Parent, place.Name, options.DirectoryMode));
            if (made.Error is { } refused) return Fail(nameof(Create), refused);
            Answer(new OpenContext(made.Value.Id, NodeKind.Directory), made.Value, path, place.Path, number, answer);
            return NtStatus.Success;
        }

        var mode = attributes.HasFlag(FileAttributes.ReadOnly) ? options.FileMode & ~WriteBits : options.FileMode;
        var created = _wait.For(
            call.Operation,
            fileSystem.CreateAsync(call.Context, place.Parent, place.Name, mode, OpenFlags.Read | OpenFlags.Write | OpenFlags.Exclusive));
        if (created.Error is { } error) return Fail(nameof(Create), error);
        var opened = new OpenContext(created.Value.Attributes.Id, NodeKind.File);
        opened.Replace(created.Value.Handle, canWrite: true);
        if (Reserve(call.Operation, opened, 0, (long)Math.Min(allocation, long.MaxValue)) is { } full)
        {
            // Nobody has seen the file: it goes again, as if it had never been.
            _ = _wait.For(call.Operation, fileSystem.UnlinkAsync(call.Context, place.Parent, place.Name));
            fileSystem.Abandoned(created.Value.Handle);
            return Fail(nameof(Create), full);
        }

        Answer(opened, created.Value.Attributes, path, place.Path, number, answer);
        return NtStatus.Success;
    }

    /// <summary>Slot 4.</summary>
    public unsafe int Open(string path, CreateOptions create, AccessRights granted, nint* number, OpenFileInfo* answer)
    {
        using var call = Begin();
        var status = Find(call.Operation, path, out var place);
        if (status != NtStatus.Success) return status;
        if (place.Found is not { } found) return NtStatus.ObjectNameNotFound;
        var isFolder = found.Kind == NodeKind.Directory;
        if (create.HasFlag(CreateOptions.DirectoryFile) && !isFolder) return NtStatus.NotADirectory;
        if (create.HasFlag(CreateOptions.NonDirectoryFile) && isFolder) return NtStatus.FileIsADirectory;
        if (found.Kind != NodeKind.File) return OpenOther(call.Operation, found.Id, found.Kind, granted, path, place.Path, number, answer);
        var canWrite = !options.ReadOnly && (granted & Writes) != 0; // a program that asks for whatever it may have gets it all from the driver
        var opened = _wait.For(
            call.Operation, fileSystem.OpenAsync(call.Context, found.Id, canWrite ? OpenFlags.Read | OpenFlags.Write : OpenFlags.Read));
        if (opened.Error is { } error) return Fail(nameof(Open), error);
        var context = new OpenContext(found.Id, NodeKind.File);
        context.Replace(opened.Value.Handle, canWrite);
        Answer(context, opened.Value.Attributes, path, place.Path, number, answer);
        return NtStatus.Success;
    }

    /// <summary>Slot 5: the program opened it to replace what is in it.</summary>
    public int Overwrite(nint number, FileAttributes attributes, bool replaceAttributes, ulong allocation, out FspFileInfo info)
    {
        info = default;
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (opened.Kind != NodeKind.File) return NtStatus.AccessDenied;
        using var call = Begin();

        // Opened anew rather than cut: what an agent that died has left of the file is replaced too, and nothing of it is asked of the store.
        var emptied = _wait.For(call.Operation, fileSystem.OpenAsync(call.Context, opened.Node, OpenFlags.Read | OpenFlags.Write | OpenFlags.Truncate));
        if (emptied.Error is { } error) return Fail(nameof(Overwrite), error);
        lock (opened.Lock)
        {
            if (opened.Replace(emptied.Value.Handle, canWrite: true) is { } former) fileSystem.Released(former);
        }

        opened.HasWrittenSince = true;
        var wanted = replaceAttributes || attributes.HasFlag(FileAttributes.ReadOnly) ? ModeFor(emptied.Value.Attributes, attributes) : null;
        if (wanted is { } mode)
        {
            var changed = _wait.For(
                call.Operation, fileSystem.SetAttributesAsync(call.Context, opened.Node, opened.Handle, new AttributeChanges { Mode = mode }));
            if (changed.Error is { } refused) return Fail(nameof(Overwrite), refused);
        }

        if (Reserve(call.Operation, opened, 0, (long)Math.Min(allocation, long.MaxValue)) is { } full) return Fail(nameof(Overwrite), full);
        return Describe(call.Operation, opened, out info);
    }

    /// <summary>Slot 6: the program's handle is closed. Cannot fail, and never waits for the network.</summary>
    public void Cleanup(nint number, string? path, CleanupFlags flags)
    {
        if (_open.Find(number) is not { } opened) return;
        using var call = Begin(mayWait: false);
        opened.IsDeleted = flags.HasFlag(CleanupFlags.Delete) && path is not null && TryDelete(call.Operation, opened, path);
        opened.View = null;
        lock (opened.Lock)
        {
            if (opened is { IsDeleted: false, CanWrite: true, Handle: { } writer }) CloseWriter(call.Operation, opened, writer);
            opened.IsCleanedUp = true;
        }
    }

    /// <summary>Slot 7: nothing refers to it any more, mapped pages included.</summary>
    public void Close(nint number)
    {
        if (_open.Remove(number) is not { } opened) return;
        using var call = Begin(mayWait: false);
        lock (opened.Lock)
        {
            if (opened.Handle is { } handle)
            {
                // Mapped pages came after CLEANUP.
                if (opened is { IsDeleted: false, CanWrite: true }) Commit(call.Operation, opened, handle);
                fileSystem.Released(handle);
                opened.Replace(null, canWrite: false);
            }
        }

        // A file goes with its last handle; what has none is kept for whom refers to it, and that was this.
        if (opened.IsDeleted) fileSystem.Forget(opened.Node, 1);
    }

    // The last writer's release publishes the file, and CLOSE may come hours later (an image that stays mapped). What is paged in until then
    // is read through a handle that is no writer.
    private void CloseWriter(Operation operation, OpenContext opened, HandleId writer)
    {
        Commit(operation, opened, writer);
        var reader = _wait.For(operation, fileSystem.OpenAsync(operation.Context, opened.Node, OpenFlags.Read));
        if (reader.Error is not null) return; // then it is published with CLOSE
        opened.Replace(reader.Value.Handle, canWrite: false);
        fileSystem.Released(writer);
    }

    private void Commit(Operation operation, OpenContext opened, HandleId writer)
    {
        // Windows' rule: a time that was set through a handle stays, whatever is written through it afterwards.
        if (opened is { WriteTime: { } time, HasWrittenSince: true })
        {
            var restored = new AttributeChanges { ModifyTime = time };
            var set = _wait.For(operation, fileSystem.SetAttributesAsync(operation.Context, opened.Node, writer, restored));
            if (set.Error is { } unset) LogNotCommitted(opened.Node.Value, unset.Message, unset.Cause);
        }

        var closed = _wait.For(operation, fileSystem.ClosedAsync(operation.Context, writer));
        if (closed.Error is { } error) LogNotCommitted(opened.Node.Value, error.Message, error.Cause);
    }

    // Mapped pages that come after CLEANUP: the file is being written again.
    private FsError? WriteAgain(Operation operation, OpenContext opened)
    {
        lock (opened.Lock)
        {
            if (opened.CanWrite) return null;
            var writer = _wait.For(operation, fileSystem.OpenAsync(operation.Context, opened.Node, OpenFlags.Read | OpenFlags.Write));
            if (writer.Error is { } error) return error;
            if (opened.Replace(writer.Value.Handle, canWrite: true) is { } former) fileSystem.Released(former);
            return null;
        }
    }

    // Folders; and links, FIFOs and sockets, which Windows programs could not use: a link is shown as a file that holds its target, as Git does.
    private unsafe int OpenOther(
        Operation operation, NodeId node, NodeKind kind, AccessRights granted, string path, string shown, nint* number, OpenFileInfo* answer)
    {
        if (kind != NodeKind.Directory && (granted & Writes) != 0) return NtStatus.AccessDenied;
        var known = _wait.For(operation, fileSystem.GetAttributesAsync(operation.Context, node, null));
        if (known.Error is { } error) return Fail(nameof(Open), error);
        var target = kind == NodeKind.Symlink ? _wait.For(operation, fileSystem.ReadSymlinkAsync(operation.Context, node)) : "";
        if (target.Error is { } unread) return Fail(nameof(Open), unread);
        Answer(new OpenContext(node, kind) { Target = Encoding.UTF8.GetBytes(target.Value) }, known.Value, path, shown, number, answer);
        return NtStatus.Success;
    }

    private unsafe void Answer(OpenContext opened, in NodeAttributes node, string path, string shown, nint* number, OpenFileInfo* answer)
    {
        // Without it the driver knows the file by the name in upper case. Only the case may differ from what it asked for.
        var size = shown.Length * sizeof(char);
        if (answer->NormalizedName is not null && size <= answer->NormalizedNameSize && shown.Equals(path, StringComparison.OrdinalIgnoreCase))
        {
            shown.CopyTo(new Span<char>(answer->NormalizedName, shown.Length));
            answer->NormalizedNameSize = (ushort)size;
        }

        answer->FileInfo = Describe(node);
        *number = _open.Add(opened);
    }
}
