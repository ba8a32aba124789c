namespace SyncAgent.DevStore;

/// <summary>Spreads bytes over time at a fixed rate; may be shared by many connections.</summary>
internal sealed class Throttle(long bytesPerSecond, TimeProvider time)
{
    private readonly Lock _gate = new();
    private DateTimeOffset _free = time.GetUtcNow();

    public Task WaitAsync(int bytes, CancellationToken ct)
    {
        TimeSpan wait;
        lock (_gate)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_free < now) _free = now;
            _free += TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
            wait = _free - now;
        }

        return wait > TimeSpan.Zero ? Task.Delay(wait, time, ct) : Task.CompletedTask;
    }
}
