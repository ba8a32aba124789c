using System.Buffers;
using System.Globalization;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair;

/// <summary>Holds one object against its receipt: by what the store states of it, or by its bytes.</summary>
internal sealed class ContentProof(IObjectReader store)
{
    private const int BufferSize = 128 * 1024;

    /// <summary>A body that breaks is read again from its start so often.</summary>
    private const int MostAttempts = 3;

    private long _bytesRead;

    /// <summary>Bytes that were read back.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Asks the store what stands under the key.</summary>
    public async Task<(VerifyFinding Finding, string Reason)> LookAsync(Receipt receipt, CancellationToken stop)
    {
        var expected = receipt.Remote;
        if (await store.HeadAsync(expected.Key, stop) is not { } found) return (VerifyFinding.Missing, $"confirmed {Time(receipt)}, not there now");
        if (found.ETag != expected.ETag || found.Size != expected.Size)
        {
            return (VerifyFinding.Changed, string.Create(
                CultureInfo.InvariantCulture,
                $"confirmed {Time(receipt)} with {expected.Size} bytes, ETag {expected.ETag}; now {found.Size} bytes, ETag {found.ETag}, of {found.LastModified.UtcDateTime:u}"));
        }

        return found.Crc64 is { } stated && expected.Crc is { } written && stated != written
            ? (VerifyFinding.Damaged, $"written with CRC-64 {written:x16}; the store states {stated:x16} for the same ETag")
            : (VerifyFinding.Same, "");
    }

    /// <summary>Reads the object's bytes.</summary>
    public async Task<(VerifyFinding Finding, string Reason)> ReadBackAsync(Receipt receipt, CancellationToken stop)
    {
        var expected = receipt.Remote;
        if (expected.Crc is not { } written)
        {
            var seen = await LookAsync(receipt, stop);
            return seen.Finding == VerifyFinding.Same
                ? (VerifyFinding.Unverifiable, "the receipt names no checksum of the bytes; size and ETag are as they were")
                : seen;
        }

        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var (read, size) = await ReadAsync(expected, stop);
                return read == written && size == expected.Size
                    ? (VerifyFinding.Same, "")
                    : (VerifyFinding.Damaged, string.Create(
                        CultureInfo.InvariantCulture, $"written: {expected.Size} bytes, CRC-64 {written:x16}; read back: {size} bytes, {read:x16}"));
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NotFound or StoreErrorKind.PreconditionFailed)
            {
                return await LookAsync(receipt, stop);
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Archived or StoreErrorKind.AccessDenied)
            {
                return (VerifyFinding.Unverifiable, e.Explain());
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.ChecksumMismatch && attempt == MostAttempts)
            {
                return (VerifyFinding.Damaged, e.Message);
            }
            catch (StoreException e) when (e.IsTransient && attempt < MostAttempts)
            {
                // The call itself was repeated by the store's wrapper; a body is only repeated here.
            }
        }
    }

    private async Task<(ulong Crc, long Size)> ReadAsync(RemoteState expected, CancellationToken stop)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var body = await store.GetAsync(expected.Key, null, expected.ETag, stop);
            var crc = new Crc64();
            long size = 0;
            for (int count; (count = await body.Content.ReadAsync(buffer.AsMemory(0, BufferSize), stop)) > 0; size += count)
            {
                crc.Append(buffer.AsSpan(0, count));
                Interlocked.Add(ref _bytesRead, count);
            }

            return (crc.Value, size);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string Time(Receipt receipt) => $"{DateTimeOffset.FromUnixTimeMilliseconds(receipt.At).UtcDateTime:u}";
}
