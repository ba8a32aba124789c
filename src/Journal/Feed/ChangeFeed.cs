namespace SyncAgent.Journal;

/// <summary>Which side of a node changed.</summary>
[Flags]
public enum ChangeKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The user's side: name, content, metadata, or the node is gone.</summary>
    Desired = 1,

    /// <summary>The bucket's side, or a problem was noted.</summary>
    Remote = 2,

    /// <summary>A key was doomed or undoomed (node id 0), or sealed content became durable.</summary>
    Work = 4,
}

/// <summary>
/// Tells subscribers which nodes changed, after the change is committed. Coalescing: a subscriber that is slow gets each
/// node once with all kinds joined, so its backlog is bounded by the number of nodes.
/// </summary>
public sealed class ChangeFeed
{
    private readonly Lock _lock = new();
    private readonly List<ChangeSubscription> _subscriptions = [];

    /// <summary>Subscribes to some kinds of changes. Dispose to stop.</summary>
    public ChangeSubscription Subscribe(ChangeKinds kinds)
    {
        var subscription = new ChangeSubscription(this, kinds);
        lock (_lock) _subscriptions.Add(subscription);
        return subscription;
    }

    internal void Remove(ChangeSubscription subscription)
    {
        lock (_lock) _subscriptions.Remove(subscription);
    }

    internal void Publish(Dictionary<long, ChangeKinds> changes)
    {
        if (changes.Count == 0) return;
        lock (_lock)
        {
            foreach (var subscription in _subscriptions) subscription.Add(changes);
        }
    }
}

/// <summary>One subscriber's coalesced backlog.</summary>
public sealed class ChangeSubscription : IDisposable
{
    private static readonly IReadOnlyDictionary<long, ChangeKinds> Nothing = new Dictionary<long, ChangeKinds>();

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly ChangeFeed _feed;
    private readonly ChangeKinds _kinds;
    private Dictionary<long, ChangeKinds> _changes = [];

    internal ChangeSubscription(ChangeFeed feed, ChangeKinds kinds)
    {
        _feed = feed;
        _kinds = kinds;
    }

    /// <summary>Waits until something changed or the time is up.</summary>
    public Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken) =>
        atMost == Timeout.InfiniteTimeSpan
            ? _signal.WaitAsync(cancellationToken)
            : WaitWithTimeAsync(atMost, time, cancellationToken);

    /// <summary>Takes all changes since the last call; may be empty.</summary>
    public IReadOnlyDictionary<long, ChangeKinds> Take()
    {
        lock (_lock)
        {
            if (_changes.Count == 0) return Nothing;
            var taken = _changes;
            _changes = [];
            return taken;
        }
    }

    /// <summary>Wakes the waiter without a change, e.g. to stop or to look at the clock again.</summary>
    public void Wake()
    {
        lock (_lock) SignalNeedsLock();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _feed.Remove(this);
        _signal.Dispose();
    }

    internal void Add(Dictionary<long, ChangeKinds> changes)
    {
        lock (_lock)
        {
            var any = false;
            foreach (var (node, kinds) in changes)
            {
                if ((kinds & _kinds) == 0) continue;
                any = true;
                _changes[node] = _changes.GetValueOrDefault(node) | kinds;
            }

            if (any) SignalNeedsLock();
        }
    }

    private async Task WaitWithTimeAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(atMost, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _signal.WaitAsync(both.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // the time is up: that is an answer, not an error
        }
    }

    private void SignalNeedsLock()
    {
        if (_signal.CurrentCount == 0) _signal.Release();
    }
}
