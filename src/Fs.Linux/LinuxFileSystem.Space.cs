using SyncAgent.Fs.Core;
using SyncAgent.Fs.Linux.Protocol;
using SyncAgent.Fs.Linux.Session;

namespace SyncAgent.Fs.Linux;

/// <summary>Space and holes of open files, and copies between them.</summary>
internal sealed partial class LinuxFileSystem
{
    private async ValueTask FAllocateAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_fallocate_in>();
        SpaceChange? change = (body.mode & ~FuseFlags.FallocKeepSize) switch
        {
            0 => SpaceChange.Allocate,
            FuseFlags.FallocPunchHole => SpaceChange.Punch,
            FuseFlags.FallocZeroRange => SpaceChange.Zero,
            _ => null, // COLLAPSE_RANGE, INSERT_RANGE, UNSHARE_RANGE
        };
        if (change is null)
        {
            request.Reply(Errno.EOPNOTSUPP);
            return;
        }

        ReplyNothing(request, await fileSystem.ChangeSpaceAsync(
            request.Context, new HandleId((long)body.fh), change.Value, (long)body.offset, (long)body.length,
            (body.mode & FuseFlags.FallocKeepSize) != 0, ClearsSetId(request)));
    }

    private async ValueTask LSeekAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_lseek_in>();
        if (body.whence is not (FuseFlags.SeekData or FuseFlags.SeekHole))
        {
            request.Reply(Errno.EINVAL);
            return;
        }

        var result = await fileSystem.SeekAsync(
            request.Context, new HandleId((long)body.fh), (long)body.offset, data: body.whence == FuseFlags.SeekData);
        if (result.Error is { } error) Fail(request, error);
        else request.Reply(new fuse_lseek_out { offset = (ulong)result.Value });
    }

    private async ValueTask CopyFileRangeAsync(FuseRequest request)
    {
        var body = request.Body().Read<fuse_copy_file_range_in>();
        var wide = request.Opcode == FuseOpcode.CopyFileRange64;
        var result = await fileSystem.CopyAsync(
            request.Context, new HandleId((long)body.fh_in), (long)body.off_in, new HandleId((long)body.fh_out), (long)body.off_out,
            (long)Math.Min(body.len, int.MaxValue), ClearsSetId(request));
        if (result.Error is { } error) Fail(request, error);
        else if (wide) request.Reply(new fuse_copy_file_range_out { bytes_copied = (ulong)result.Value });
        else request.Reply(new fuse_write_out { size = (uint)result.Value });
    }

    /// <summary>With HANDLE_KILLPRIV_V2 a WRITE says whether set-id goes, by the caller's CAP_FSETID; these calls do not say it.</summary>
    private static bool ClearsSetId(FuseRequest request) => request.Context.Uid != 0;
}
