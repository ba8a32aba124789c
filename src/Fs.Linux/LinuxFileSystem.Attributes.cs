using System.Text;
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

    private async ValueTask GetXAttrAsync(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_getxattr_in>();
        if (reader.ReadAttributeName(out var name) is not Errno.None and var bad)
        {
            request.Reply(bad);
            return;
        }

        var result = await fileSystem.GetExtendedAttributeAsync(request.Context, Node(request), name);
        if (result.Error is { } error) Fail(request, error);
        else ReplySized(request, body.size, result.Value);
    }

    private async ValueTask ListXAttrAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_getxattr_in>();
        var result = await fileSystem.ListExtendedAttributesAsync(request.Context, Node(request));
        if (result.Error is { } error) Fail(request, error);
        else ReplySized(request, body.size, Encoding.UTF8.GetBytes(string.Concat(result.Value.Select(name => name + '\0'))));
    }

    /// <summary>getxattr(2): a size of 0 asks for the length.</summary>
    private static void ReplySized(FuseRequest request, uint size, ReadOnlySpan<byte> value)
    {
        if (size == 0)
        {
            request.Reply(new fuse_getxattr_out { size = (uint)value.Length });
        }
        else if (value.TryCopyTo(request.Payload(size).Span))
        {
            request.ReplyPayload(value.Length);
        }
        else
        {
            request.Reply(Errno.ERANGE);
        }
    }

    private void ReplyAttributes(FuseRequest request, in FsResult<NodeAttributes> result)
    {
        if (result.Error is { } error) Fail(request, error);
        else request.Reply(AttributeEncoding.EncodeAttributes(result.Value));
    }
}
