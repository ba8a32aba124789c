using System.Diagnostics;

namespace SyncAgent.Bench.Server;

/// <summary>What lies between the clients and the store: a link that lets so many bytes through each second, for all connections together, and a
/// round trip. Who reads is held back, and TCP does the rest.</summary>
internal sealed class Link
{
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(5);

    private readonly Lock _lock = new();
    private long _free = Stopwatch.GetTimestamp();

    /// <summary>Bytes a second, each way together; 0 for no limit.</summary>
    public long BytesPerSecond { get; set; }

    /// <summary>What each new connection and each request waits.</summary>
    public TimeSpan RoundTrip { get; set; }

    /// <summary>Takes the time that so many bytes need.</summary>
    public void Pass(int bytes)
    {
        if (BytesPerSecond == 0) return;
        TimeSpan ahead;
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _free = Math.Max(_free, now) + (long)((double)bytes / BytesPerSecond * Stopwatch.Frequency);
            ahead = Stopwatch.GetElapsedTime(now, _free);
        }

        if (ahead > Slack) Thread.Sleep(ahead);
    }

    /// <summary>Takes the time of a round trip.</summary>
    public void Turn()
    {
        if (RoundTrip > TimeSpan.Zero) Thread.Sleep(RoundTrip);
    }
}
