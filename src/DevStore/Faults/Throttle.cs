namespace SyncAgent.DevStore;

/// <summary>Spreads bytes over time at a fixed rate; may be shared by many connections.</summary>
internal sealed class Throttle(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _free;

    public Task WaitAsync(int bytes, CancellationToken ct)
    {
        TimeSpan wait;
        lock (_gate)
        {
            // Not the clock: a test may have stopped that.
            TimeSpan now = time.GetElapsedTime(_start);
            if (_free < now) _free = now;
            _free += TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
            wait = _free - now;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, ct) : Task.CompletedTask;
    }
}
