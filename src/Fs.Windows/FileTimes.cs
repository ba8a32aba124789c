namespace SyncAgent.Fs.Windows;

/// <summary>Times of the file system (nanoseconds since 1970 UTC) as FILETIME (100 nanoseconds since 1601 UTC), and back.</summary>
internal static class FileTimes
{
    private const long UnixEpoch = 116_444_736_000_000_000;
    private const long NanosecondsPerTick = 100;

    /// <summary>To FILETIME, which holds all of them: nanoseconds begin in 1677.</summary>
    public static ulong FromUnix(long nanoseconds) => (ulong)((nanoseconds / NanosecondsPerTick) + UnixEpoch);

    /// <summary>From FILETIME; what 64 bits of nanoseconds cannot hold (beyond 2262, before 1677) is the nearest they can.</summary>
    public static long ToUnix(ulong fileTime)
    {
        var ticks = (long)Math.Min(fileTime, long.MaxValue) - UnixEpoch;
        return Math.Clamp(ticks, long.MinValue / NanosecondsPerTick, long.MaxValue / NanosecondsPerTick) * NanosecondsPerTick;
    }

    /// <summary>To FILETIME.</summary>
    public static ulong FromUtc(DateTimeOffset time) => (ulong)Math.Max(0, time.ToFileTime());
}
