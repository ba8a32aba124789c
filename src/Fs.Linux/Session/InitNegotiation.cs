using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>What kernel and session agreed on.</summary>
internal sealed record InitResult(uint Minor, FuseInitFlags Flags);

/// <summary>The first exchange on a new mount.</summary>
internal static class InitNegotiation
{
    /// <summary>
    /// Not asked for, each with its reason: WRITEBACK_CACHE would show write errors only at close and let the kernel own size and
    /// times; CACHE_SYMLINKS saves little; POSIX_LOCKS and FLOCK_LOCKS are better done in the kernel; PASSTHROUGH hides writes; with
    /// ASYNC_DIO a program in an O_DIRECT read cannot be killed while the store is silent (the kernel waits without listening).
    /// </summary>
    private const FuseInitFlags Wanted =
        FuseInitFlags.AsyncRead | FuseInitFlags.AtomicOTrunc | FuseInitFlags.BigWrites | FuseInitFlags.DoReadDirPlus
        | FuseInitFlags.ReadDirPlusAuto | FuseInitFlags.ParallelDirOps | FuseInitFlags.AbortError
        | FuseInitFlags.MaxPages | FuseInitFlags.HandleKillPrivV2 | FuseInitFlags.InitExt;

    /// <summary>Without it open() would cut a file with a request of its own after opening it.</summary>
    private const FuseInitFlags Required = FuseInitFlags.AtomicOTrunc | FuseInitFlags.BigWrites | FuseInitFlags.MaxPages;

    /// <summary>Answers the kernel's INIT.</summary>
    /// <returns>Null when the kernel speaks a newer major version and will send another INIT.</returns>
    /// <exception cref="FuseException">The kernel is too old.</exception>
    /// <exception cref="FuseProtocolException">The request is not an INIT.</exception>
    public static InitResult? Answer(FuseRequest request, int maxBackground)
    {
        if (request.Opcode != FuseOpcode.Init) throw new FuseProtocolException($"The first request was {request.Opcode}, not INIT.");
        var reader = request.Body();
        var init = reader.Read<fuse_init_in>();
        if (init.major > FuseProtocol.Major)
        {
            request.Reply(new fuse_init_out { major = FuseProtocol.Major, minor = FuseProtocol.Minor });
            return null;
        }

        var offered = (FuseInitFlags)init.flags;
        if (offered.HasFlag(FuseInitFlags.InitExt)) offered |= (FuseInitFlags)((ulong)reader.Read<fuse_init_in_ext>().flags2 << 32);
        if (init.major < FuseProtocol.Major || init.minor < FuseProtocol.OldestMinor || (offered & Required) != Required)
        {
            request.Reply(Errno.EPROTO);
            throw new FuseException(
                FuseFailure.KernelTooOld, $"The kernel speaks FUSE {init.major}.{init.minor}; 7.31 is needed.", "Linux 5.4 or newer has it.");
        }

        var minor = Math.Min(init.minor, FuseProtocol.Minor);
        var flags = offered & Wanted;
        request.Reply(new fuse_init_out
        {
            major = FuseProtocol.Major,
            minor = minor,
            max_readahead = init.max_readahead,
            flags = (uint)flags,
            flags2 = (uint)((ulong)flags >> 32),
            max_background = (ushort)maxBackground,
            congestion_threshold = (ushort)Math.Max(1, maxBackground * 3 / 4),
            max_write = FuseProtocol.MaxTransfer,
            time_gran = 1,
            max_pages = FuseProtocol.MaxPages,
        });
        return new InitResult(minor, flags);
    }
}
