namespace SyncAgent.Transfer;

/// <summary>Bytes of one attempt: what is under way and, of that, what the store has confirmed. Thread-safe.</summary>
internal sealed class ProgressCounter
{
    private long _transferred;
    private long _confirmed;

    public long Transferred => Volatile.Read(ref _transferred);

    /// <summary>Bytes of parts that the store holds.</summary>
    public long Confirmed => Volatile.Read(ref _confirmed);

    public void Add(long bytes) => Interlocked.Add(ref _transferred, bytes);

    public void Confirm(long bytes) => Interlocked.Add(ref _confirmed, bytes);

    public void Reset()
    {
        Interlocked.Exchange(ref _transferred, 0);
        Interlocked.Exchange(ref _confirmed, 0);
    }
}
