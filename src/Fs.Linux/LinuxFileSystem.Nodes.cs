using System.Text;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>Names: finding, making, moving and removing nodes, and forgetting them.</summary>
internal sealed partial class LinuxFileSystem
{
    private async ValueTask LookupAsync(FuseRequest request)
    {
        if (request.Body().ReadName(out var name) is not Errno.None and var bad)
        {
            request.Reply(bad);
            return;
        }

        var result = await fileSystem.LookupAsync(request.Context, Node(request), name);
        if (result.Error?.Kind == FsErrorKind.NotFound && settings.NegativeCache > TimeSpan.Zero)
            request.Reply(AttributeEncoding.EncodeAbsence(settings.NegativeCache));
        else
            ReplyEntry(request, result);
    }

    private async ValueTask MkNodAsync(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_mknod_in>();
        if (reader.ReadName(out var name) is not Errno.None and var bad)
            request.Reply(bad);
        else if (AttributeEncoding.KindOf(body.mode) is not { } kind)
            request.Reply(Errno.EPERM);
        else
            ReplyEntry(request, await fileSystem.MakeNodeAsync(request.Context, Node(request), name, kind, body.mode & ModeBits.Permissions));
    }

    private async ValueTask MkDirAsync(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_mkdir_in>();
        if (reader.ReadName(out var name) is not Errno.None and var bad)
            request.Reply(bad);
        else
            ReplyEntry(request, await fileSystem.MakeDirectoryAsync(request.Context, Node(request), name, body.mode & ModeBits.Permissions));
    }

    private async ValueTask SymlinkAsync(FuseRequest request)
    {
        var reader = request.Body();
        var bad = reader.ReadName(out var name);
        var badTarget = reader.ReadText(FuseProtocol.MaxLinkBytes, out var target);
        if (bad == Errno.None) bad = badTarget;
        if (bad != Errno.None)
            request.Reply(bad);
        else
            ReplyEntry(request, await fileSystem.MakeSymlinkAsync(request.Context, Node(request), name, target));
    }

    private async ValueTask ReadLinkAsync(FuseRequest request)
    {
        var result = await fileSystem.ReadSymlinkAsync(request.Context, Node(request));
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var payload = request.Payload(FuseProtocol.MaxLinkBytes).Span;
        if (Encoding.UTF8.TryGetBytes(result.Value, payload, out var length)) request.ReplyPayload(length);
        else request.Reply(Errno.ENAMETOOLONG);
    }

    private async ValueTask UnlinkAsync(FuseRequest request)
    {
        if (request.Body().ReadName(out var name) is not Errno.None and var bad)
            request.Reply(bad);
        else
            ReplyNothing(request, await fileSystem.UnlinkAsync(request.Context, Node(request), name));
    }

    private async ValueTask RmDirAsync(FuseRequest request)
    {
        if (request.Body().ReadName(out var name) is not Errno.None and var bad)
            request.Reply(bad);
        else
            ReplyNothing(request, await fileSystem.RemoveDirectoryAsync(request.Context, Node(request), name));
    }

    private ValueTask RenameAsync(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_rename_in>();
        return RenameAsync(request, reader, body.newdir, RenameMode.Replace);
    }

    private ValueTask Rename2Async(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_rename2_in>();
        return body.flags switch
        {
            0 => RenameAsync(request, reader, body.newdir, RenameMode.Replace),
            FuseFlags.RenameNoReplace => RenameAsync(request, reader, body.newdir, RenameMode.NoReplace),
            FuseFlags.RenameExchange => RenameAsync(request, reader, body.newdir, RenameMode.Exchange),
            _ => Answer(request, Errno.EINVAL), // RENAME_WHITEOUT: for overlay file systems, needs device nodes
        };
    }

    private ValueTask RenameAsync(FuseRequest request, RequestReader names, ulong newParent, RenameMode mode)
    {
        var bad = names.ReadName(out var name);
        var badNew = names.ReadName(out var newName);
        if (bad == Errno.None) bad = badNew;
        return bad == Errno.None ? Rename(name, newName) : Answer(request, bad);

        async ValueTask Rename(string from, string to) => ReplyNothing(
            request, await fileSystem.RenameAsync(request.Context, Node(request), from, Node(newParent), to, mode));
    }

    private ValueTask Forget(FuseRequest request)
    {
        fileSystem.Forget(Node(request), request.Body().Read<fuse_forget_in>().nlookup);
        return default;
    }

    private ValueTask BatchForget(FuseRequest request)
    {
        var reader = request.Body();
        var count = reader.Read<fuse_batch_forget_in>().count;
        for (var i = 0u; i < count; i++)
        {
            var one = reader.Read<fuse_forget_one>();
            fileSystem.Forget(Node(one.nodeid), one.nlookup);
        }

        return default;
    }
}
