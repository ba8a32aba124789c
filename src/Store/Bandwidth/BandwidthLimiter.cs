namespace SyncAgent.Store;

/// <summary>
/// Bytes per second of one direction, shared by any number of streams: a token bucket that serves its callers in the order in which
/// they came, each a small piece at a time. The rate may change at any moment, for those who wait as well.
/// </summary>
public sealed class BandwidthLimiter : IDisposable
{
    /// <summary>Longest burst after a pause, as a part of a second; <see cref="LeastBurst"/> where that is more.</summary>
    private const double BurstSeconds = 0.25;

    private const int LeastBurst = 64 * 1024;
    private const int LeastPiece = 4 * 1024;
    private const int LargestPiece = 64 * 1024;

    /// <summary>A piece takes about this part of a second, so that many slow streams all keep moving.</summary>
    private const int PiecesPerSecond = 16;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    // Guards everything below. Waiters are completed under it; their continuations run elsewhere.
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private long _rate;
    private double _tokens;
    private long _countedAt;

    /// <summary>Unlimited until <see cref="BytesPerSecond"/> is set.</summary>
    /// <param name="time">Clock of the bucket.</param>
    public BandwidthLimiter(TimeProvider time)
    {
        _time = time;
        _countedAt = time.GetTimestamp();
        _timer = time.CreateTimer(static me => ((BandwidthLimiter)me!).Serve(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The rate; 0 for no limit.</summary>
    public long BytesPerSecond
    {
        get
        {
            lock (_lock) return _rate;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            lock (_lock)
            {
                if (value == _rate) return;
                Refill();
                // Without a limit nothing was saved up; a new one starts with a full bucket.
                _tokens = _rate == 0 ? Burst(value) : Math.Min(_tokens, Burst(value));
                _rate = value;
                ServeLocked();
            }
        }
    }

    /// <summary>Callers that wait.</summary>
    internal int Waiting
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>Waits until some bytes may pass; gives how many: at least 1, at most <paramref name="wanted"/>.
    /// What is not used afterwards goes back with <see cref="Return"/>.</summary>
    public ValueTask<int> TakeAsync(int wanted, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(wanted, 1);
        cancellationToken.ThrowIfCancellationRequested();
        Waiter waiter;
        lock (_lock)
        {
            if (_rate == 0) return new ValueTask<int>(wanted);
            Refill();
            var piece = Piece(wanted);
            if (_waiting.Count == 0 && _tokens >= piece)
            {
                _tokens -= piece;
                return new ValueTask<int>(piece);
            }

            waiter = new Waiter(wanted);
            waiter.Place = _waiting.AddLast(waiter);
            if (_waiting.Count == 1) Arm();
        }

        if (cancellationToken.CanBeCanceled) LeaveWhenCancelled(waiter, cancellationToken);
        return new ValueTask<int>(waiter.Task);
    }

    /// <summary>Gives back bytes that were taken and did not pass.</summary>
    public void Return(int unused)
    {
        if (unused <= 0) return;
        lock (_lock)
        {
            if (_rate == 0) return;
            Refill();
            _tokens = Math.Min(_tokens + unused, Burst(_rate));
            ServeLocked();
        }
    }

    /// <summary>Stops the timer and lets everybody pass.</summary>
    public void Dispose()
    {
        BytesPerSecond = 0;
        _timer.Dispose();
    }

    private void LeaveWhenCancelled(Waiter waiter, CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(
            static (state, token) =>
            {
                var (me, waiter) = ((BandwidthLimiter, Waiter))state!;
                me.Leave(waiter, token);
            },
            (this, waiter));
        lock (_lock)
        {
            // Served meanwhile, or cancelled before it was registered.
            if (waiter.Place is null) registration.Unregister();
            else waiter.Registration = registration;
        }
    }

    private void Leave(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiter.Place is not { } place) return;
            waiter.Place = null;
            _waiting.Remove(place);
            waiter.TrySetCanceled(cancellationToken);
            ServeLocked();
        }
    }

    private void Serve()
    {
        lock (_lock) ServeLocked();
    }

    private void ServeLocked()
    {
        Refill();
        while (_waiting.First is { } first)
        {
            var piece = _rate == 0 ? first.Value.Wanted : Piece(first.Value.Wanted);
            if (_rate > 0 && _tokens < piece) break;
            if (_rate > 0) _tokens -= piece;
            _waiting.RemoveFirst();
            first.Value.Place = null;
            // Does not wait for a callback that runs just now, which waits for the lock.
            first.Value.Registration.Unregister();
            first.Value.TrySetResult(piece);
        }

        if (_waiting.Count > 0) Arm();
    }

    private void Arm()
    {
        var missing = Piece(_waiting.First!.Value.Wanted) - _tokens;
        // Rounded up to what timers can do: one that fires too early would only have to be set again.
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(missing * 1000 / _rate)), Timeout.InfiniteTimeSpan);
    }

    private void Refill()
    {
        var now = _time.GetTimestamp();
        if (_rate > 0) _tokens = Math.Min(_tokens + (_time.GetElapsedTime(_countedAt, now).TotalSeconds * _rate), Burst(_rate));
        _countedAt = now;
    }

    private int Piece(int wanted) => (int)Math.Min(wanted, Math.Clamp(_rate / PiecesPerSecond, LeastPiece, LargestPiece));

    private static double Burst(long rate) => Math.Max(rate * BurstSeconds, LeastBurst);

    private sealed class Waiter(int wanted) : TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Wanted { get; } = wanted;

        /// <summary>Where it stands in the queue; null once it has left it.</summary>
        public LinkedListNode<Waiter>? Place { get; set; }

        public CancellationTokenRegistration Registration { get; set; }
    }
}
