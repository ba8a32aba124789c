namespace SyncAgent.Agent.Status;

/// <summary>What one who watches has still to be told: of pictures the newest, of news the last <see cref="MaxNews"/>. So a slow reader costs
/// nobody anything. Thread-safe.</summary>
internal sealed class StatusWatcher : IDisposable
{
    private const int MaxNews = 200;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Queue<byte[]> _news = [];
    private byte[]? _status;

    /// <summary>Adds to what he has to be told.</summary>
    public void Tell(byte[]? status, IReadOnlyList<byte[]> news)
    {
        lock (_lock)
        {
            _status = status ?? _status;
            foreach (var one in news)
            {
                if (_news.Count == MaxNews) _news.Dequeue();
                _news.Enqueue(one);
            }

            if (_signal.CurrentCount == 0) _signal.Release();
        }
    }

    /// <summary>Takes what there is to tell; may be empty.</summary>
    public IReadOnlyList<byte[]> Take()
    {
        lock (_lock)
        {
            List<byte[]> all = _status is null ? [] : [_status];
            all.AddRange(_news);
            _status = null;
            _news.Clear();
            return all;
        }
    }

    /// <summary>Waits until there is something to tell, the time is up, or the end comes.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, Task end, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signal = _signal.WaitAsync(over.Token);
        await Task.WhenAny(signal, Task.Delay(atMost, time, over.Token), end);
        await over.CancelAsync();
        await signal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <inheritdoc/>
    public void Dispose() => _signal.Dispose();
}
