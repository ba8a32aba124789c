using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Counts the bytes of one transfer and tells a listener, if there is one. A part that is sent again takes its bytes back first;
/// what is shown waits then, and does not fall. Thread-safe.
/// </summary>
public sealed class TransferMonitor : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly ProgressPump? _pump;
    private readonly RateMeter _rate;
    private long _counted;
    private long _shown;
    private long _confirmed;
    private long? _total;
    private int _attempt;

    /// <summary>Makes a monitor that nobody listens to.</summary>
    internal TransferMonitor(TimeProvider time) => _rate = new RateMeter(time);

    /// <summary>Makes a monitor.</summary>
    /// <param name="listener">Told on a task of its own, at most ten times a second; while it is busy reports add up. One that
    /// throws is not called again. Null for none.</param>
    /// <param name="time">Clock of the reports.</param>
    /// <param name="logger">Told of a listener that throws, or null.</param>
    public TransferMonitor(IProgress<TransferEvent>? listener, TimeProvider time, ILogger? logger = null)
        : this(time)
    {
        if (listener is not null) _pump = new ProgressPump(this, listener, time, logger ?? NullLogger.Instance);
    }

    /// <summary>Bytes of this attempt so far, as shown.</summary>
    public long Transferred => Snapshot().Transferred;

    /// <summary>How fast bytes move now, per second.</summary>
    public long BytesPerSecond => _rate.BytesPerSecond;

    /// <summary>Bytes in all, or null while that is not known.</summary>
    public long? Total => Snapshot().Total;

    /// <summary>Bytes of parts that the store holds.</summary>
    public long Confirmed
    {
        get
        {
            lock (_lock) return _confirmed;
        }
    }

    /// <summary>Lets the listener take what is left, but does not wait for one that hangs.</summary>
    public ValueTask DisposeAsync() => _pump?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>An attempt begins, from zero.</summary>
    internal void Begin(long? total)
    {
        lock (_lock)
        {
            _attempt++;
            (_counted, _shown, _confirmed, _total) = (0, 0, 0, null);
        }

        _pump?.Tell(TransferEventKind.Started);
        if (total is { } known) SetTotal(known);
    }

    internal void SetTotal(long total)
    {
        lock (_lock)
        {
            if (_total == total) return;
            _total = total;
        }

        _pump?.Tell(TransferEventKind.LengthKnown);
    }

    internal void Add(long bytes)
    {
        _rate.Add(bytes);
        Count(bytes);
    }

    private void Count(long bytes)
    {
        lock (_lock)
        {
            _counted += bytes;
            _shown = Math.Max(_shown, Math.Min(_counted, _total ?? long.MaxValue));
        }
    }

    /// <summary>Bytes that were counted did not arrive.</summary>
    internal void TakeBack(long bytes)
    {
        lock (_lock) _counted -= bytes;
    }

    /// <summary>The store holds bytes that were not sent now.</summary>
    internal void AddHeld(long bytes)
    {
        Count(bytes);
        Confirm(bytes);
    }

    internal void Confirm(long bytes)
    {
        lock (_lock) _confirmed += bytes;
    }

    internal void Complete() => _pump?.Tell(TransferEventKind.Completed);

    internal void Fail(Exception error) => _pump?.Tell(TransferEventKind.Failed, error);

    internal (int Attempt, long Transferred, long? Total) Snapshot()
    {
        lock (_lock) return (_attempt, _shown, _total);
    }
}
