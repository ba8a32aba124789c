using Microsoft.Win32.SafeHandles;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>A range of a file as content to send. Each attempt reads it anew; a file that got shorter fails the attempt.</summary>
internal sealed class FileRange(SafeFileHandle file, long offset, long length, Action<long> report) : ObjectContent
{
    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override Stream OpenRead() => new RangeStream(file, offset, length, report);

    private sealed class RangeStream(SafeFileHandle file, long offset, long length, Action<long> report) : ForwardStream
    {
        private long _position;

        public override long Length => length;

        protected override long BytesRead => _position;

        public override int Read(Span<byte> buffer)
        {
            var wanted = (int)Math.Min(buffer.Length, length - _position);
            if (wanted == 0) return 0;
            return Advance(RandomAccess.Read(file, buffer[..wanted], offset + _position));
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var wanted = (int)Math.Min(buffer.Length, length - _position);
            if (wanted == 0) return 0;
            return Advance(await RandomAccess.ReadAsync(file, buffer[..wanted], offset + _position, cancellationToken));
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        protected override void Dispose(bool disposing)
        {
            // What an attempt read counts only while it is under way: a repeat begins again.
            if (disposing && _position < length) report(-_position);
            base.Dispose(disposing);
        }

        private int Advance(int count)
        {
            if (count == 0) throw new StoreException(StoreErrorKind.SourceChanged, "The file became shorter while it was read.");
            _position += count;
            report(count);
            return count;
        }
    }
}
