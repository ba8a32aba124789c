namespace SyncAgent.Store;

/// <summary>Cancels a request when nothing has moved for too long, instead of limiting the time of the whole transfer.</summary>
internal sealed class StallGuard : IDisposable
{
    private readonly CancellationTokenSource _stall;
    private readonly CancellationTokenSource _either;
    private TimeSpan _limit;

    public StallGuard(TimeProvider time, CancellationToken caller)
    {
        Caller = caller;
        _stall = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_stall.Token, caller);
    }

    /// <summary>The token of whoever made the request.</summary>
    public CancellationToken Caller { get; }

    /// <summary>Cancelled by the caller or by a stall.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time ran out.</summary>
    public bool HasStalled => _stall.IsCancellationRequested;

    /// <summary>The limit that ran out.</summary>
    public TimeSpan Limit => _limit;

    /// <summary>Something moved: from now on this much time until the next time.</summary>
    public void Arm(TimeSpan limit)
    {
        _limit = limit;
        _stall.CancelAfter(limit);
    }

    /// <summary>It is our turn now, not the network's: no time runs.</summary>
    public void Pause() => _stall.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>Ends the request on behalf of a caller other than the first.</summary>
    public void Cancel() => _either.Cancel();

    public void Dispose()
    {
        _either.Dispose();
        _stall.Dispose();
    }
}
