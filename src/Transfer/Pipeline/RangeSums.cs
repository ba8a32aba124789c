using System.Buffers;
using System.Security.Cryptography;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Checksums of a range of local bytes.</summary>
/// <param name="Crc">CRC-64/XZ.</param>
/// <param name="Md5">MD5, or null when it was not asked for.</param>
internal sealed record RangeSums(ulong Crc, byte[]? Md5)
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Reads the range. Throws <see cref="OperationCanceledException"/> between two buffers.</summary>
    public static RangeSums Compute(IPartSource source, long offset, long length, bool md5, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        using var hash = md5 ? IncrementalHash.CreateHash(HashAlgorithmName.MD5) : null;
        try
        {
            var crc = default(Crc64);
            for (var left = length; left > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = source.Read(offset, buffer.AsSpan(0, (int)Math.Min(left, BufferSize)));
                if (read == 0) throw new EndOfStreamException($"the local bytes end {left} bytes early");
                crc.Append(buffer.AsSpan(0, read));
                hash?.AppendData(buffer, 0, read);
                offset += read;
                left -= read;
            }

            return new RangeSums(crc.Value, hash?.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
