namespace SyncAgent.Store;

/// <summary>Content whose bytes are counted as they are read for the network.</summary>
internal sealed class SentContent(ObjectContent content, RateMeter rate) : ObjectContent
{
    public override long Length => content.Length;

    public override Stream OpenRead() => new SentStream(content.OpenRead(), rate);

    private sealed class SentStream(Stream inner, RateMeter rate) : ForwardStream
    {
        private long _position;

        public override long Length => inner.Length;

        protected override long BytesRead => _position;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            _position += count;
            if (count > 0) rate.Add(count);
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
