namespace SyncAgent.Store;

/// <summary>
/// An answer's body. A body that ends early throws, one that stalls throws, and where a checksum is given the last bytes
/// are only handed out once all of them match it. Read it asynchronously.
/// </summary>
internal sealed class ResponseStream(
    Stream inner, StallGuard guard, TimeSpan stallTimeout, string operation, long? length, ulong? crc64, bool changesState) : ForwardStream
{
    private long _position;
    private Crc64 _seen;

    /// <summary>Bytes to come in all; throws where the server did not say.</summary>
    public override long Length => length ?? throw new NotSupportedException("The server did not announce a length.");

    protected override long BytesRead => _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position == length) return 0;
        int count;
        guard.Arm(stallTimeout);
        try
        {
            using var registration = cancellationToken.UnsafeRegister(static g => ((StallGuard)g!).Cancel(), guard);
            count = await inner.ReadAsync(buffer, guard.Token);
        }
        catch (Exception e) when (TransportFailures.IsTransport(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw TransportFailures.Translate(e, operation, guard, mayHaveSucceeded: changesState);
        }
        finally
        {
            guard.Pause();
        }

        _position += count;
        if (count == 0 && length is not null)
            throw Broken(StoreErrorKind.Network, $"{operation}: the body ended after {_position} of {length} bytes.");
        Verify(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private void Verify(ReadOnlySpan<byte> bytes)
    {
        if (crc64 is not { } expected) return;
        _seen.Append(bytes);
        if (_position == length && _seen.Value != expected)
            throw Broken(StoreErrorKind.ChecksumMismatch, $"{operation}: the bytes have CRC-64 {_seen.Value:x16}, the store states {expected:x16}.");
    }

    private StoreException Broken(StoreErrorKind kind, string message) => new(kind, message) { MayHaveSucceeded = changesState };
}
