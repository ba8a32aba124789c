namespace SyncAgent.Fs.Core;

/// <summary>What the downloads of a drive may have under way together: bytes asked for ahead of readers, and requests of any kind.
/// Requests beyond it wait in order. Thread-safe.</summary>
internal sealed class DownloadBudget(long aheadBytes, int requests) : IDisposable
{
    private readonly SemaphoreSlim _requests = new(requests);
    private long _ahead = aheadBytes;

    /// <summary>Takes bytes to ask for ahead of a reader, if there are so many left. They are given back when they have arrived.</summary>
    public bool TryTakeAhead(long bytes)
    {
        if (Interlocked.Add(ref _ahead, -bytes) >= 0) return true;
        Interlocked.Add(ref _ahead, bytes);
        return false;
    }

    public void GiveBackAhead(long bytes) => Interlocked.Add(ref _ahead, bytes);

    public Task EnterAsync(CancellationToken cancellationToken) => _requests.WaitAsync(cancellationToken);

    public void Leave() => _requests.Release();

    public void Dispose() => _requests.Dispose();
}
