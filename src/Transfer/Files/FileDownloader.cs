using System.Security.Cryptography;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Fetches an object into a file: beside it first, under its name only when it is whole, checked and on the disk.</summary>
/// <param name="store">The bucket, with its retries around it.</param>
/// <param name="time">Clock of the reports; null for the system's.</param>
public sealed class FileDownloader(IObjectStore store, TimeProvider? time = null)
{
    /// <summary>A body that breaks is gone on with from where it broke, this often without a byte in between.</summary>
    private const int Attempts = 5;

    private const int BufferSize = 256 << 10;

    /// <summary>Fetches an object; a file of this name is replaced.</summary>
    /// <param name="key">Object key.</param>
    /// <param name="path">Where to put it.</param>
    /// <param name="progress">Told of the bytes, or null.</param>
    /// <param name="cancellationToken">Stops and leaves nothing behind.</param>
    /// <exception cref="StoreException">There is no such object, the store stayed away longer than the retries, the object was replaced
    /// on the way, when its body broke and the rest was asked for (<see cref="StoreErrorKind.PreconditionFailed"/>), or the bytes arrived
    /// damaged (<see cref="StoreErrorKind.ChecksumMismatch"/>).</exception>
    /// <exception cref="IOException">The folder is missing, the disk is full, or the file cannot be written or replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file is not open to this user.</exception>
    public async Task<ObjectInfo> DownloadAsync(
        string key, string path, IProgress<TransferEvent>? progress = null, CancellationToken cancellationToken = default)
    {
        await using var monitor = new TransferMonitor(progress, time ?? TimeProvider.System);
        monitor.Begin(total: null);
        var target = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():n}.part");
        try
        {
            ObjectInfo info;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0, FileOptions.Asynchronous))
            {
                info = await FillAsync(key, file, monitor, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
            monitor.Complete();
            return info;
        }
        catch (Exception e)
        {
            monitor.Fail(e);
            File.Delete(temporary);
            throw;
        }
    }

    private async Task<ObjectInfo> FillAsync(string key, FileStream file, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        ObjectInfo? info = null;
        var crc = new Crc64();
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        var buffer = new byte[BufferSize];
        for (var failures = 0; info is null || file.Position < info.Size;)
        {
            var before = file.Position;
            try
            {
                var range = info is null ? (ByteRange?)null : new ByteRange(before, info.Size - before);
                using var body = await store.GetAsync(key, range, info?.ETag, cancellationToken);
                info ??= body.Info;
                monitor.SetTotal(info.Size);
                while (await body.Content.ReadAsync(buffer, cancellationToken) is var got && got > 0)
                {
                    await file.WriteAsync(buffer.AsMemory(0, got), cancellationToken);
                    if (IsProvedByMd5(info)) md5.AppendData(buffer, 0, got);
                    else crc.Append(buffer.AsSpan(0, got));
                    monitor.Add(got);
                }

                if (file.Position < info.Size) throw new StoreException(StoreErrorKind.Network, "The body ended early.");
                break;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.Network or StoreErrorKind.Timeout or StoreErrorKind.Unavailable)
            {
                failures = file.Position > before ? 1 : failures + 1;
                if (failures == Attempts) throw;
            }
        }

        var isWhole = IsProvedByMd5(info)
            ? info.Md5!.Equals(Convert.ToHexString(md5.GetCurrentHash()), StringComparison.OrdinalIgnoreCase)
            : info.Crc64 is null || info.Crc64 == crc.Value;
        return isWhole
            ? info
            : throw new StoreException(StoreErrorKind.ChecksumMismatch, $"{key} arrived damaged: its checksum differs from the store's. Fetch it again.");
    }

    private static bool IsProvedByMd5(ObjectInfo info) => info is { Crc64: null, Md5: not null };
}
