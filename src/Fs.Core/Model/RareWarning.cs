namespace SyncAgent.Fs.Core;

/// <summary>A trouble that would be logged for every file while it lasts, such as a full disk: once a minute is enough to know of it.</summary>
internal sealed class RareWarning(TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private long _next = long.MinValue;

    /// <summary>Whether it is to be logged now; of several threads that ask at once one is told so.</summary>
    public bool IsDue()
    {
        var next = Volatile.Read(ref _next);
        var now = FsTime.NowMilliseconds(time);
        return now >= next && Interlocked.CompareExchange(ref _next, now + (long)Pause.TotalMilliseconds, next) == next;
    }
}
