using System.Diagnostics.Metrics;

namespace SyncAgent.Store;

/// <summary>How long calls on the store take. How many there were, and what crossed the network, is counted by <see cref="StoreTraffic"/>.</summary>
public sealed class StoreMetrics : IDisposable
{
    /// <summary>Name of the meter, where no other is given.</summary>
    public const string MeterName = "SyncAgent.Store";

    private readonly Meter? _own;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meter">Where; it stays the caller's. Null for a meter of its own.</param>
    public StoreMetrics(Meter? meter = null)
    {
        meter ??= _own = new Meter(MeterName);
        Duration = meter.CreateHistogram(
            "syncagent.store.duration", "s", "Time of a call on the store; of a GET, until its headers.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120] });
    }

    internal Histogram<double> Duration { get; }

    /// <inheritdoc/>
    public void Dispose() => _own?.Dispose();
}
