using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// What the link to one store bears, learnt from what happens on it: additive increase, multiplicative decrease, as TCP does it.
/// A round of parts without an error allows one part more at once; an error halves them and the size of the next upload's parts. It
/// has no clock and no randomness. Thread-safe.
/// </summary>
public sealed class TransferLink
{
    private const long Mebibyte = 1024 * 1024;
    private const long MinPartSize = Mebibyte;
    private const long MaxPartSize = 64 * Mebibyte;
    private const long PartSizeStep = 4 * Mebibyte;

    private readonly Lock _lock = new();
    private readonly int _most;
    private int _parallelism;
    private int _inFlight;
    private int _successes;
    private int _forgiven;
    private bool _failedLately;
    private long _partSize = 16 * Mebibyte;

    /// <summary>Begins with all parts allowed at once.</summary>
    /// <param name="maxParallelism">Most parts of one upload at once, 1 to 64; 1 sends them in sequence.</param>
    public TransferLink(int maxParallelism)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxParallelism, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxParallelism, TransferOptions.MaxParallelParts);
        _most = maxParallelism;
        _parallelism = maxParallelism;
    }

    /// <summary>Parts of one upload that may be on their way at once now; 1 to the maximum.</summary>
    public int Parallelism
    {
        get
        {
            lock (_lock) return _parallelism;
        }
    }

    /// <summary>Bytes that a part of the next upload has at most where nobody has set a size; 1 to 64 MiB.</summary>
    public long PartSize
    {
        get
        {
            lock (_lock) return _partSize;
        }
    }

    /// <summary>A call failed. Give it to <see cref="RetryingStore"/>, which sees each attempt.</summary>
    public void Failed(StoreException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (!error.IsTransient) return;
        lock (_lock)
        {
            _successes = 0;
            if (_forgiven > 0)
            {
                // One event on the link fails all that was on its way: it counts once.
                _forgiven--;
                return;
            }

            _forgiven = Math.Max(0, _inFlight - 1);
            _failedLately = true;
            _parallelism = Math.Max(1, _parallelism / 2);
            _partSize = Math.Max(MinPartSize, _partSize / 2);
        }
    }

    internal void PartBegan()
    {
        lock (_lock) _inFlight++;
    }

    internal void PartEnded(bool succeeded)
    {
        lock (_lock)
        {
            _inFlight--;
            // Whoever has arrived will not fail any more: what fails later is another event.
            _forgiven = Math.Min(succeeded ? Math.Max(0, _forgiven - 1) : _forgiven, _inFlight);
            if (!succeeded || ++_successes < _parallelism) return;
            _successes = 0;
            _parallelism = Math.Min(_most, _parallelism + 1);
        }
    }

    /// <summary>A whole upload arrived.</summary>
    internal void UploadSucceeded()
    {
        lock (_lock)
        {
            if (!_failedLately) _partSize = Math.Min(MaxPartSize, _partSize + PartSizeStep);
            _failedLately = false;
        }
    }
}
