namespace SyncAgent.Store;

/// <summary>Counts the bytes of a body as they are read, and its failure.</summary>
internal sealed class MeteredStream(Stream inner, StoreMetrics metrics, RateMeter rate) : ForwardStream
{
    public override long Length => inner.Length;

    protected override long BytesRead => inner.Position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            metrics.Received.Add(count);
            if (count > 0) rate.Add(count);
            return count;
        }
        catch (StoreException e)
        {
            metrics.Errors.Add(1, new("call", "body"), new("kind", e.Kind.ToString()));
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
