namespace SyncAgent.Store;

/// <summary>A stream whose bytes are counted by a limiter as they are read.</summary>
/// <param name="inner">The bytes; disposed with this.</param>
/// <param name="limiter">Says how many may pass, and when.</param>
/// <param name="length">How many bytes there are. Looking for more than these costs nothing.</param>
internal sealed class ThrottledStream(Stream inner, BandwidthLimiter limiter, long length) : ForwardStream
{
    private long _position;

    public override long Length => length;

    protected override long BytesRead => _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= length) return await inner.ReadAsync(buffer, cancellationToken);
        var granted = await limiter.TakeAsync(buffer.Length, cancellationToken);
        var count = 0;
        try
        {
            count = await inner.ReadAsync(buffer[..granted], cancellationToken);
            _position += count;
            return count;
        }
        finally
        {
            limiter.Return(granted - count);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
