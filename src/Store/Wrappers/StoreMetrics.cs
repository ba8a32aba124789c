using System.Diagnostics.Metrics;

namespace SyncAgent.Store;

/// <summary>What is measured about calls on the store. Tags: <c>call</c> (one of IObjectStore's), <c>kind</c> (of an error).</summary>
public sealed class StoreMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "SyncAgent.Store";

    private readonly Meter _meter = new(MeterName);

    /// <summary>Makes a meter of its own.</summary>
    public StoreMetrics()
    {
        Calls = _meter.CreateCounter<long>("syncagent.store.calls", "{call}", "Calls that ended, well or not.");
        Errors = _meter.CreateCounter<long>("syncagent.store.errors", "{error}", "Calls and bodies that failed, by kind; cancellations are none.");
        Duration = _meter.CreateHistogram<double>("syncagent.store.duration", "s", "Time of a call; of a GET, until its headers.");
        Sent = _meter.CreateCounter<long>("syncagent.store.sent", "By", "Bytes of objects and parts that the store has confirmed.");
        Received = _meter.CreateCounter<long>("syncagent.store.received", "By", "Bytes of objects that have been read.");
    }

    internal Counter<long> Calls { get; }

    internal Counter<long> Errors { get; }

    internal Histogram<double> Duration { get; }

    internal Counter<long> Sent { get; }

    internal Counter<long> Received { get; }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
