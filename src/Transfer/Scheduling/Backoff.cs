using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>How long to wait after a failure: doubling, with half of it by chance so that many files do not come back at once.</summary>
internal sealed class Backoff(TransferOptions options, int seed)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxRequested = new RetryOptions().MaxRequestedDelay;

    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    /// <summary>After a passing error.</summary>
    /// <param name="attempts">Failures so far, this one counted in.</param>
    public TimeSpan Transient(int attempts) => Jitter(Doubled(First, attempts - 1, options.MaxBackoff));

    /// <summary>After a passing error, no sooner than the store asks; of that a minute at most is granted.</summary>
    /// <param name="attempts">Failures so far, this one counted in.</param>
    /// <param name="asked">The store's wish, or null.</param>
    public TimeSpan Transient(int attempts, TimeSpan? asked)
    {
        var (own, wish) = (Transient(attempts), asked ?? TimeSpan.Zero);
        if (wish > MaxRequested) wish = MaxRequested;
        return own > wish ? own : wish;
    }

    /// <summary>After an error that somebody must put right.</summary>
    public TimeSpan Slow() => Jitter(options.SlowRetry);

    /// <summary>How long a file rests that was changed while it was sent.</summary>
    public TimeSpan Quiet(int cancels) => Doubled(options.QuietPeriod, cancels - 1, options.MaxQuietPeriod);

    private static TimeSpan Doubled(TimeSpan first, int times, TimeSpan most)
    {
        var factor = Math.Pow(2, Math.Clamp(times, 0, 30));
        return TimeSpan.FromTicks((long)Math.Min(first.Ticks * factor, most.Ticks));
    }

    private TimeSpan Jitter(TimeSpan span)
    {
        double part;
        lock (_lock) part = _random.NextDouble();
        return span * (0.5 + (part / 2));
    }
}
