namespace SyncAgent.Transfer;

/// <summary>Why a file stopped being sent.</summary>
internal enum Superseded
{
    /// <summary>Nothing happened.</summary>
    No,

    /// <summary>It was written again.</summary>
    Changed,

    /// <summary>It was renamed early enough to start again under the new name.</summary>
    Renamed,

    /// <summary>It was removed.</summary>
    Removed,

    /// <summary>The user holds it back.</summary>
    Held,
}

/// <summary>The content that a job sends right now.</summary>
/// <param name="Generation">The sealed generation.</param>
/// <param name="Key">The key that it goes to.</param>
/// <param name="OpenAtStart">The open generation that was there already when sending began, or null.</param>
/// <param name="ToTheEnd">Whether newer content does not stop it.</param>
/// <param name="Total">Bytes.</param>
/// <param name="Started">When this attempt began.</param>
internal sealed record Sending(long Generation, string Key, long? OpenAtStart, bool ToTheEnd, long Total, DateTimeOffset Started);

/// <summary>A node being worked on. Cancelled by <see cref="Supersede"/> or with the engine.</summary>
/// <param name="node">The node.</param>
/// <param name="isUrgent">Whether to look at it even if its time has not come.</param>
/// <param name="time">Clock of its progress.</param>
/// <param name="stop">Ends the engine's work.</param>
internal sealed class NodeJob(long node, bool isUrgent, TimeProvider time, CancellationToken stop) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private Superseded _superseded;
    private bool _isCancelling;
    private bool _isOver;
    private Sending? _sending;
    private Action? _leave;

    public long Node => node;

    public bool IsUrgent => isUrgent;

    public CancellationToken Token => _cancel.Token;

    public TransferMonitor Progress { get; } = new(time);

    /// <summary>What is being sent, or null.</summary>
    public Sending? Sending => Volatile.Read(ref _sending);

    /// <summary>Why it was cancelled.</summary>
    public Superseded Superseded
    {
        get
        {
            lock (_lock) return _superseded;
        }
    }

    /// <summary>False from the moment on when the store may act whatever happens here: then the job goes to its end, so that its
    /// result is known.</summary>
    public Func<bool> MayCancel { get; set; } = static () => true;

    /// <summary>Whether it takes no place of a lane: it copies on the server, which costs no bandwidth.</summary>
    public bool IsBesideLanes { get; private set; }

    /// <summary>It has taken a place of a lane; <paramref name="leave"/> gives it back.</summary>
    public void TakePlace(Action leave) => _leave = leave;

    /// <summary>It gives its place back and takes one beside the lanes.</summary>
    public void MoveBesideLanes(Action leave)
    {
        _leave?.Invoke();
        _leave = leave;
        IsBesideLanes = true;
    }

    /// <summary>It is over and gives its place back.</summary>
    public void LeavePlace() => _leave?.Invoke();

    public void Begin(Sending sending)
    {
        Progress.Begin(sending.Total);
        MayCancel = static () => true;
        Volatile.Write(ref _sending, sending);
    }

    public void End() => Volatile.Write(ref _sending, null);

    /// <summary>Stops it, unless it is too late for that.</summary>
    public void Supersede(Superseded reason)
    {
        lock (_lock)
        {
            if (_isOver || _superseded != Superseded.No || !MayCancel()) return;
            _superseded = reason;
            _isCancelling = true;
        }

        _cancel.Cancel(); // not under the lock: it may run the worker to its end
        lock (_lock)
        {
            _isCancelling = false;
            if (_isOver) _cancel.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isOver = true;
            if (!_isCancelling) _cancel.Dispose();
        }
    }
}
