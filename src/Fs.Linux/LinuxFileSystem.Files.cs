using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>Open files.</summary>
internal sealed partial class LinuxFileSystem
{
    private async ValueTask ReadAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_read_in>();
        var payload = request.Payload(body.size);
        var result = await fileSystem.ReadAsync(request.Context, new HandleId((long)body.fh), (long)body.offset, payload);
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var length = result.Value;
        if ((uint)length <= (uint)payload.Length)
        {
            request.ReplyPayload(length);
            return;
        }

        LogBadReadLength(length, payload.Length);
        request.Reply(Errno.EIO);
    }

    private async ValueTask WriteAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_write_in>();
        var clearSetId = (body.write_flags & FuseFlags.WriteKillSuidGid) != 0;
        var result = await fileSystem.WriteAsync(
            request.Context, new HandleId((long)body.fh), (long)body.offset, request.WriteData(body.size), clearSetId);
        if (result.Error is { } error) Fail(request, error);
        else request.Reply(new fuse_write_out { size = (uint)result.Value });
    }

    private async ValueTask OpenAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_open_in>();
        var result = await fileSystem.OpenAsync(request.Context, Node(request), DecodeOpen(body.flags, body.open_flags));
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        _open.Add(result.Value.Handle);
        if (!request.Reply(EncodeOpen(result.Value, body.flags))) ReleaseHandle(result.Value.Handle);
    }

    private async ValueTask CreateAsync(FuseRequest request)
    {
        var reader = request.Body();
        var body = reader.Read<fuse_create_in>();
        if (reader.ReadName(out var name) is not Errno.None and var bad)
        {
            request.Reply(bad);
            return;
        }

        var result = await fileSystem.CreateAsync(
            request.Context, Node(request), name, body.mode & ModeBits.Permissions, DecodeOpen(body.flags, body.open_flags));
        if (result.Error is { } error)
        {
            Fail(request, error);
            return;
        }

        var opened = result.Value;
        _open.Add(opened.Handle);
        var reply = new fuse_create_out
        {
            entry = AttributeEncoding.EncodeEntry(KernelNode(opened.Attributes.Id), opened.Attributes),
            open = EncodeOpen(opened, body.flags),
        };
        if (request.Reply(reply)) return;
        ReleaseHandle(opened.Handle);
        fileSystem.Forget(opened.Attributes.Id, 1);
    }

    private async ValueTask FlushAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_flush_in>();
        ReplyNothing(request, await fileSystem.ClosedAsync(request.Context, new HandleId((long)body.fh)));
    }

    private ValueTask Release(FuseRequest request)
    {
        var body = request.Body().Read<fuse_release_in>();
        ReleaseHandle(new HandleId((long)body.fh));
        return Answer(request, Errno.None);
    }

    private async ValueTask FSyncAsync(FuseRequest request)
    {
        // fdatasync is answered like fsync: the size, which it must keep too, is in the same journal record as everything else.
        var body = request.Body().Read<fuse_fsync_in>();
        ReplyNothing(request, await fileSystem.SyncAsync(request.Context, new HandleId((long)body.fh)));
    }

    /// <summary>Releases a handle once, whoever comes first: the kernel, an answer it did not want, or the end of the session.</summary>
    private void ReleaseHandle(HandleId handle)
    {
        if (_open.Remove(handle)) fileSystem.Released(handle);
    }

    /// <summary>O_APPEND needs nothing: the kernel sends offsets. O_EXCL is honoured although the kernel has looked first.</summary>
    private static OpenFlags DecodeOpen(uint flags, uint openFlags)
    {
        var result = (flags & OpenBits.AccessMode) switch
        {
            OpenBits.WriteOnly => OpenFlags.Write,
            OpenBits.ReadWrite => OpenFlags.Read | OpenFlags.Write,
            _ => OpenFlags.Read,
        };
        if ((flags & OpenBits.Truncate) != 0) result |= OpenFlags.Truncate;
        if ((flags & OpenBits.Exclusive) != 0) result |= OpenFlags.Exclusive;
        if ((openFlags & FuseFlags.OpenKillSuidGid) != 0) result |= OpenFlags.ClearSetId;
        return result;
    }

    private fuse_open_out EncodeOpen(in OpenedFile opened, uint flags)
    {
        FuseOpenReply reply = 0;
        if (opened.KeepCache) reply |= FuseOpenReply.KeepCache;
        var access = flags & OpenBits.AccessMode;

        // Nothing to commit at the close of a handle that cannot write and has neither made nor cut the file: saves one round trip of three.
        var changes = access is OpenBits.WriteOnly or OpenBits.ReadWrite || (flags & (OpenBits.Create | OpenBits.Truncate)) != 0;
        if (!changes) reply |= FuseOpenReply.NoFlush;
        if (settings.DirectWrites && access == OpenBits.WriteOnly) reply |= FuseOpenReply.DirectIo;
        return new fuse_open_out { fh = (ulong)opened.Handle.Value, open_flags = (uint)reply };
    }
}
