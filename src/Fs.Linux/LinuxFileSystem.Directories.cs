using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>Open directories. Offsets count records: "." ends at 1, ".." at 2, entry i at i + 3.</summary>
internal sealed partial class LinuxFileSystem
{
    private async ValueTask OpenDirAsync(FuseRequest request)
    {
        var result = await fileSystem.OpenDirectoryAsync(request.Context, Node(request));
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var handle = _directories.Add(result.Value);
        if (!request.Reply(new fuse_open_out { fh = handle })) _directories.Remove(handle);
    }

    private async ValueTask ReadDirAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_read_in>();
        var opened = await SnapshotAsync(request, body);
        if (opened.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var snapshot = opened.Value;
        var writer = new DirectoryWriter(request.Payload(body.size).Span);
        for (var offset = body.offset; TryEntryAt(snapshot, offset, out var id, out var kind, out var name); offset++)
        {
            if (!writer.TryAdd(id.Value, kind, offset + 1, name)) break;
        }

        request.ReplyPayload(writer.Length);
    }

    /// <summary>Names come from the snapshot, attributes from a look-up now: the kernel takes them for current, and an old size
    /// would cut a file that was written to after the directory was opened, an old name bring back a removed file.</summary>
    private async ValueTask ReadDirPlusAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_read_in>();
        var directory = Node(request);
        var opened = await SnapshotAsync(request, body);
        if (opened.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var snapshot = opened.Value;
        var payload = request.Payload(body.size);
        var used = 0;
        List<NodeId>? referenced = null;
        for (var offset = body.offset; TryEntryAt(snapshot, offset, out var id, out var kind, out var name); offset++)
        {
            if (!new DirectoryWriter(payload.Span[used..]).HasRoomForPlus(name)) break;
            var entry = default(fuse_entry_out);
            if (offset >= 2)
            {
                var found = fileSystem.ReadEntry(directory, name);
                if (found.Error is null)
                {
                    var node = found.Value;
                    entry = AttributeEncoding.EncodeEntry(KernelNode(node.Id), node);
                    (id, kind) = (node.Id, node.Kind);
                    (referenced ??= []).Add(node.Id);
                }
            }

            var writer = new DirectoryWriter(payload.Span[used..]);
            writer.TryAddPlus(entry, id.Value, kind, offset + 1, name);
            used += writer.Length;
        }

        if (request.ReplyPayload(used) || referenced is null) return;
        foreach (var node in referenced) fileSystem.Forget(node, 1);
    }

    private ValueTask ReleaseDir(FuseRequest request)
    {
        _directories.Remove(request.Body().Read<fuse_release_in>().fh);
        return Answer(request, Errno.None);
    }

    private async ValueTask FSyncDirAsync(FuseRequest request) =>
        ReplyNothing(request, await fileSystem.SyncDirectoryAsync(request.Context, Node(request)));

    private async ValueTask<FsResult<DirectorySnapshot>> SnapshotAsync(FuseRequest request, fuse_read_in body)
    {
        if (_directories.Find(body.fh) is not { } directory) return FsError.BadHandle;
        if (body.offset == 0 && directory.Started)
        {
            var again = await fileSystem.OpenDirectoryAsync(request.Context, Node(request));
            if (again.Error is { } error) return error;
            directory.Snapshot = again.Value;
        }

        directory.Started = true;
        return directory.Snapshot;
    }

    private static bool TryEntryAt(DirectorySnapshot snapshot, ulong offset, out NodeId id, out NodeKind kind, out string name)
    {
        (id, kind, name) = offset switch
        {
            0 => (snapshot.Self.Id, NodeKind.Directory, "."),
            1 => (snapshot.Parent, NodeKind.Directory, ".."),
            _ when offset - 2 < (ulong)snapshot.Entries.Count => Entry(snapshot.Entries[(int)(offset - 2)]),
            _ => (default, default, ""),
        };
        return name.Length > 0;

        static (NodeId Id, NodeKind Kind, string Name) Entry(DirectoryEntry entry) =>
            (entry.Id, entry.Kind, entry.Name);
    }
}
