using System.Security.Cryptography;

namespace SyncAgent.Store;

/// <summary>A whole object's bytes, the last of which are only handed out once all of them match the MD5 that the store states as ETag.</summary>
internal sealed class Md5CheckedStream(Stream inner, long length, string md5, string operation) : ForwardStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private long _read;

    public override long Length => length;

    protected override long BytesRead => _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (count == 0) return 0;
        _hash.AppendData(buffer.Span[..count]);
        _read += count;
        if (_read == length && Convert.ToHexStringLower(_hash.GetCurrentHash()) is var got && !md5.Equals(got, StringComparison.OrdinalIgnoreCase))
            throw new StoreException(StoreErrorKind.ChecksumMismatch, $"{operation}: the bytes have MD5 {got}, the store states {md5}.");
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
