namespace SyncAgent.Store;

/// <summary>Counts the bytes of a body as they are read, and its failure.</summary>
internal sealed class MeteredStream(Stream inner, StoreTraffic traffic) : ForwardStream
{
    public override long Length => inner.Length;

    protected override long BytesRead => inner.Position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            if (count > 0) traffic.Received.Add(count);
            return count;
        }
        catch (StoreException)
        {
            traffic.CountBrokenBody();
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
