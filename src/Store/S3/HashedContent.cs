using System.Security.Cryptography;

namespace SyncAgent.Store;

/// <summary>Another's bytes, whose hash is taken while they are read. For one reader at a time.</summary>
internal sealed class HashedContent : ObjectContent, IDisposable
{
    private readonly ObjectContent _source;
    private readonly IncrementalHash _hash;
    private readonly byte[]? _known;

    public HashedContent(ObjectContent source, HashAlgorithmName algorithm)
    {
        _source = source;
        _hash = IncrementalHash.CreateHash(algorithm);
        Md5 = source.Md5;
        Crc64 = source.Crc64;
        // Bytes that differ from the announced CRC-64 are never sent whole: what arrives has the MD5 that came with it.
        if (algorithm == HashAlgorithmName.MD5 && source.Crc64 is not null) _known = source.Md5;
    }

    public override long Length => _source.Length;

    /// <summary>Hash of what was read since the last opening, or was known before, in lower-case hex.</summary>
    public string HexHash => Convert.ToHexStringLower(_known ?? _hash.GetCurrentHash());

    public override Stream OpenRead()
    {
        if (_known is not null) return _source.OpenRead();

        // Another attempt begins anew.
        _hash.GetHashAndReset();
        return new HashingStream(_source.OpenRead(), _hash);
    }

    public void Dispose() => _hash.Dispose();

    private sealed class HashingStream(Stream inner, IncrementalHash hash) : ForwardStream
    {
        private long _read;

        public override long Length => inner.Length;

        protected override long BytesRead => _read;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            hash.AppendData(buffer.Span[..count]);
            _read += count;
            return count;
        }

        public override async ValueTask DisposeAsync()
        {
            await inner.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
