using System.Text;
using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>Extended attributes of nodes. The kernel has checked lengths of names and values, and who may touch which namespace.</summary>
internal sealed partial class LinuxFileSystem
{
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

    private async ValueTask SetXAttrAsync(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_setxattr_in>();
        if (reader.ReadAttributeName(out var name) is not Errno.None and var bad)
        {
            request.Reply(bad);
            return;
        }

        var mode = body.flags switch
        {
            FuseFlags.XAttrCreate => ExtendedAttributeMode.Create,
            FuseFlags.XAttrReplace => ExtendedAttributeMode.Replace,
            _ => ExtendedAttributeMode.CreateOrReplace,
        };
        var value = reader.ReadBytes(body.size).ToArray();
        ReplyNothing(request, await fileSystem.SetExtendedAttributeAsync(request.Context, Node(request), name, value, mode));
    }

    private async ValueTask RemoveXAttrAsync(FuseRequest request)
    {
        if (request.Body().ReadAttributeName(out var name) is not Errno.None and var bad)
            request.Reply(bad);
        else
            ReplyNothing(request, await fileSystem.RemoveExtendedAttributeAsync(request.Context, Node(request), name));
    }
}
