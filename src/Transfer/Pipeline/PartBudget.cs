namespace SyncAgent.Transfer;

/// <summary>
/// Bounds what all drives of an agent send at once, in bytes and in requests. First come, first served, so that nobody starves.
/// A piece larger than the whole budget goes alone.
/// </summary>
public sealed class PartBudget
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private readonly long _maxBytes;
    private readonly int _maxParts;
    private long _bytes;
    private int _parts;

    /// <summary>Makes a budget.</summary>
    /// <param name="maxBytes">Bytes in flight, above 0.</param>
    /// <param name="maxParts">Requests in flight, above 0.</param>
    public PartBudget(long maxBytes, int maxParts)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxParts);
        _maxBytes = maxBytes;
        _maxParts = maxParts;
    }

    /// <summary>Bytes in flight now.</summary>
    public long BytesInFlight
    {
        get
        {
            lock (_lock) return _bytes;
        }
    }

    /// <summary>Requests in flight now.</summary>
    public int PartsInFlight
    {
        get
        {
            lock (_lock) return _parts;
        }
    }

    /// <summary>Waits for room. Dispose the result to give it back.</summary>
    public async Task<IDisposable> AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(bytes);
        LinkedListNode<Waiter> place;
        lock (_lock)
        {
            place = _waiters.AddLast(waiter);
            AdmitNeedsLock();
        }

        try
        {
            await waiter.Admitted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (waiter.IsIn) LeaveNeedsLock(bytes);
                else _waiters.Remove(place);
                AdmitNeedsLock();
            }

            throw;
        }

        return new Lease(this, bytes);
    }

    private void AdmitNeedsLock()
    {
        while (_waiters.First is { } first && (_parts == 0 || (_parts < _maxParts && _bytes + first.Value.Bytes <= _maxBytes)))
        {
            _waiters.RemoveFirst();
            _parts++;
            _bytes += first.Value.Bytes;
            first.Value.IsIn = true;
            first.Value.Admitted.SetResult();
        }
    }

    private void LeaveNeedsLock(long bytes)
    {
        _parts--;
        _bytes -= bytes;
    }

    private void Leave(long bytes)
    {
        lock (_lock)
        {
            LeaveNeedsLock(bytes);
            AdmitNeedsLock();
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public bool IsIn { get; set; }

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Lease(PartBudget budget, long bytes) : IDisposable
    {
        private PartBudget? _budget = budget;

        public void Dispose() => Interlocked.Exchange(ref _budget, null)?.Leave(bytes);
    }
}
