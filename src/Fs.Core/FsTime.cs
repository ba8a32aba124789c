namespace SyncAgent.Fs.Core;

/// <summary>Times as the file system keeps them: nanoseconds since 1970 UTC.</summary>
internal static class FsTime
{
    private const long NanosecondsPerTick = 100;

    public static long Now(TimeProvider time) => FromUtc(time.GetUtcNow());

    public static long NowMilliseconds(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    public static long FromUtc(DateTimeOffset utc) => (utc.UtcTicks - DateTime.UnixEpoch.Ticks) * NanosecondsPerTick;
}
