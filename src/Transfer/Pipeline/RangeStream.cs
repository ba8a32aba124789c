using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Reads a range of local bytes, in place.</summary>
internal sealed class RangeStream(IPartSource source, long start, long length, Action<int> onRead) : ForwardStream
{
    private long _position;

    public override long Length => length;

    protected override long BytesRead => _position;

    public override int Read(Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        if (wanted == 0) return 0;
        var read = source.Read(start + _position, buffer[..wanted]);
        _position += read;
        onRead(read);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }
}
