using SyncAgent.Fs.Core;
using SyncAgent.Fs.Windows.Interop;

namespace SyncAgent.Fs.Windows;

/// <summary>Enumerations.</summary>
internal sealed partial class WindowsFileSystem
{
    /// <summary>Slot 18. The driver matches patterns itself. Answered later when the folder must be listed.</summary>
    public unsafe int ReadDirectory(nint number, string? marker, byte* buffer, uint length, uint* done)
    {
        *done = 0;
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (opened.Kind != NodeKind.Directory) return NtStatus.NotADirectory;
        var operation = Operation.Rent(options.Uid, options.Gid);
        if (marker is not null && opened.View is { } view)
        {
            *done = Fill(operation, opened.Node, view, marker, buffer, length);
            operation.Return();
            return NtStatus.Success;
        }

        var listed = fileSystem.OpenDirectoryAsync(operation.Context, opened.Node);
        if (!listed.IsCompleted)
        {
            var request = PendingRequest.OfThisThread(api, DriverSide);
            _pending.Begin(operation.Context);
            _ = FinishReadDirectoryAsync(operation, opened, listed, marker, (nint)buffer, length, request);
            return NtStatus.Pending;
        }

        var result = listed.GetAwaiter().GetResult();
        if (result.Error is null) *done = Fill(operation, opened.Node, ViewOf(opened, result.Value), marker, buffer, length);
        operation.Return();
        return result.Error is { } error ? Fail(nameof(ReadDirectory), error) : NtStatus.Success;
    }

    /// <summary>Slot 24: one entry by its name.</summary>
    public unsafe int GetDirInfoByName(nint number, string name, DirInfo* info)
    {
        if (_open.Find(number) is not { } opened) return NtStatus.FileClosed;
        if (opened.Kind != NodeKind.Directory) return NtStatus.NotADirectory;
        using var call = Begin();
        var status = Find(call.Operation, opened.Node, name, out var place);
        if (status != NtStatus.Success) return status;
        if (place.Found is not { } found || place.Name.Length == 0) return NtStatus.ObjectNameNotFound;
        var node = _wait.For(call.Operation, fileSystem.GetAttributesAsync(call.Context, found.Id, null));
        if (node.Error is { } error) return Fail(nameof(GetDirInfoByName), error);
        Write(info, LastName(place.Path), node.Value);
        return NtStatus.Success;
    }

    private DirectoryView ViewOf(OpenContext opened, DirectorySnapshot snapshot) =>
        opened.View = new DirectoryView(snapshot, opened.Node == fileSystem.Root);

    /// <summary>Attributes are looked up now: those of the snapshot's time would be too old.</summary>
    private unsafe uint Fill(Operation operation, NodeId directory, DirectoryView view, string? marker, byte* buffer, uint length)
    {
        const int Room = 104 + (WindowsNames.MaxLength * sizeof(char));
        var memory = stackalloc ulong[(Room / sizeof(ulong)) + 1];
        var info = (DirInfo*)memory;
        var done = 0u;
        for (var i = view.After(marker); i < view.Count; i++)
        {
            var (shown, entry) = view[i];
            var node = DirectoryView.IsSelfOrParent(shown)
                ? _wait.For(operation, fileSystem.GetAttributesAsync(operation.Context, entry.Id, null))
                : fileSystem.ReadEntry(directory, entry.Name);
            if (node.Error is not null) continue; // gone meanwhile
            Write(info, shown, node.Value);
            if (api.AddDirInfo(info, buffer, length, &done) == 0) return done;
        }

        api.AddDirInfo(null, buffer, length, &done);
        return done;
    }

    private static unsafe void Write(DirInfo* info, string shown, in NodeAttributes node)
    {
        *info = new DirInfo { Size = (ushort)(sizeof(DirInfo) + (shown.Length * sizeof(char))), FileInfo = Describe(node) };
        shown.CopyTo(new Span<char>((byte*)info + sizeof(DirInfo), shown.Length));
    }

    private async Task FinishReadDirectoryAsync(
        Operation operation, OpenContext opened, ValueTask<FsResult<DirectorySnapshot>> listed, string? marker, nint buffer, uint length, PendingRequest request)
    {
        var (status, done) = (NtStatus.UnexpectedIoError, 0u);
        try
        {
            var result = await listed;
            status = result.Error is { } error ? Fail(nameof(ReadDirectory), error) : NtStatus.Success;
            if (result.Error is null)
            {
                var view = ViewOf(opened, result.Value);
                unsafe
                {
                    done = Fill(operation, opened.Node, view, marker, (byte*)buffer, length);
                }
            }
        }
        catch (Exception e)
        {
            status = Fault(nameof(ReadDirectory), e);
        }
        finally
        {
            request.Answer(status, done);
            _pending.End(operation.Context);
        }
    }
}
