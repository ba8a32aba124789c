using System.Diagnostics;

namespace SyncAgent.Bench.Sink;

/// <summary>A link that lets so many bytes through each second, for all connections together: who reads is held back, and TCP does the
/// rest.</summary>
internal sealed class Wire(long bytesPerSecond)
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private long _free = Stopwatch.GetTimestamp();

    /// <summary>Takes the time that so many bytes need.</summary>
    public void Pass(int bytes)
    {
        TimeSpan ahead;
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _free = Math.Max(_free, now) + (long)((double)bytes / bytesPerSecond * Stopwatch.Frequency);
            ahead = Stopwatch.GetElapsedTime(now, _free);
        }

        if (ahead > Slack) Thread.Sleep(ahead);
    }
}
