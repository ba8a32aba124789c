using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>Attributes of nodes and of the volume.</summary>
internal sealed partial class LinuxFileSystem
{
    private const long BlockSize = 4096;

    private async ValueTask GetAttrAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_getattr_in>();
        HandleId? handle = (body.getattr_flags & FuseFlags.GetAttrFh) != 0 ? new HandleId((long)body.fh) : null;
        ReplyAttributes(request, await fileSystem.GetAttributesAsync(request.Context, Node(request), handle));
    }

    private async ValueTask SetAttrAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_setattr_in>();
        HandleId? handle = ((FuseSetAttrValid)body.valid).HasFlag(FuseSetAttrValid.Fh) ? new HandleId((long)body.fh) : null;
        var changes = AttributeEncoding.Decode(body);
        ReplyAttributes(request, await fileSystem.SetAttributesAsync(request.Context, Node(request), handle, changes));
    }

    private async ValueTask StatFsAsync(FuseRequest request)
    {
        var result = await fileSystem.GetStatisticsAsync(request.Context);
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var volume = result.Value;
        request.Reply(new fuse_kstatfs
        {
            blocks = (ulong)(volume.TotalBytes / BlockSize),
            bfree = (ulong)(volume.FreeBytes / BlockSize),
            bavail = (ulong)(volume.FreeBytes / BlockSize),
            files = (ulong)volume.TotalNodes,
            ffree = (ulong)volume.FreeNodes,
            bsize = (uint)BlockSize,
            namelen = (uint)volume.MaxNameBytes,
            frsize = (uint)BlockSize,
        });
    }

    private void ReplyAttributes(FuseRequest request, in FsResult<NodeAttributes> result)
    {
        if (result.Error is { } error) Fail(request, error);
        else request.Reply(AttributeEncoding.EncodeAttributes(result.Value));
    }
}
