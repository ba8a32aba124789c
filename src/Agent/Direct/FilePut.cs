using SyncAgent.Agent.Cli;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>
/// Sends a file that is outside any drive. Nobody keeps such a file still, so it is watched by size, times, inode and checksum:
/// a change throws the upload away and starts again. Nothing becomes visible under the key before the file was seen unchanged
/// after its last byte was read.
/// </summary>
internal sealed class FilePut(IObjectStore store, Action<long> report)
{
    /// <summary>Files up to this many bytes go up in one request, from memory.</summary>
    public const long MaxSinglePut = 16L << 20;

    private const long SmallestPart = 8L << 20;
    private const long Mebibyte = 1L << 20;
    private const int ParallelParts = 4;
    private const int CheckBuffer = 1 << 20;

    /// <summary>A file that changes during this many attempts is given up.</summary>
    private const int Attempts = 5;

    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Sends a file.</summary>
    /// <returns>What the store confirmed, with its size.</returns>
    public async Task<(StoredObject Stored, long Size)> SendAsync(string path, string key, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var stamp = FileStamp.Of(path);
            var watch = new Watch(path, stamp);
            long reported = 0;
            void Count(long bytes)
            {
                Interlocked.Add(ref reported, bytes);
                report(bytes);
            }

            try
            {
                var stored = stamp.Size <= MaxSinglePut
                    ? await SendSmallAsync(watch, key, Count, cancellationToken)
                    : await SendLargeAsync(watch, key, Count, cancellationToken);
                return (stored, stamp.Size);
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.SourceChanged)
            {
                if (attempt == Attempts) throw new CommandException(ExitCodes.NeedsUser, $"{path} changed during each of {Attempts} attempts; nothing was stored.", e);
                report(-Interlocked.Exchange(ref reported, 0));
            }
        }
    }

    private async Task<StoredObject> SendSmallAsync(Watch watch, string key, Action<long> count, CancellationToken cancellationToken)
    {
        var bytes = new byte[watch.Stamp.Size];
        using (var file = Open(watch.Path))
        {
            for (var read = 0; read < bytes.Length;)
            {
                var got = await RandomAccess.ReadAsync(file, bytes.AsMemory(read), read, cancellationToken);
                if (got == 0) throw Changed();
                read += got;
            }
        }

        watch.Check();
        var stored = await store.PutAsync(key, new MemoryContent(bytes), ObjectOptions.None, cancellationToken);
        count(bytes.Length);
        return stored;
    }

    private async Task<StoredObject> SendLargeAsync(Watch watch, string key, Action<long> count, CancellationToken cancellationToken)
    {
        var size = watch.Stamp.Size;
        var partSize = PartSizeFor(size, store.Capabilities.MaxParts);
        var parts = new StoredPart[(int)((size + partSize - 1) / partSize)];
        using var file = Open(watch.Path);
        var upload = await store.InitiateMultipartAsync(key, ObjectOptions.None, cancellationToken);
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = ParallelParts, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, parts.Length, options, async (index, stop) =>
            {
                watch.Check();
                var offset = index * partSize;
                var content = new FileRange(file, offset, Math.Min(partSize, size - offset), count);
                parts[index] = await store.UploadPartAsync(key, upload, index + 1, content, stop);
            });
            var sent = await CheckBytesAsync(watch, parts, partSize, cancellationToken);
            var stored = await store.CompleteMultipartAsync(
                key, upload, [.. parts.Select((part, index) => new PartReference(index + 1, part.ETag))], ObjectOptions.None, cancellationToken);
            return stored.Crc64 is null || stored.Crc64 == sent
                ? stored
                : throw new StoreException(StoreErrorKind.ChecksumMismatch, $"The store states another checksum of {key} than that of the file.");
        }
        catch (Exception e) when (!IsCompleted(e))
        {
            await AbortAsync(key, upload);
            throw;
        }
    }

    /// <summary>Reads the file once more: it must be what the parts were made of, byte for byte.</summary>
    private static async Task<ulong> CheckBytesAsync(Watch watch, StoredPart[] parts, long partSize, CancellationToken cancellationToken)
    {
        var size = watch.Stamp.Size;
        ulong sent = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var crc = parts[i].Crc64 ?? throw new StoreException(StoreErrorKind.NotSupported, "The store states no checksums of parts.");
            sent = Crc64.Combine(sent, crc, Math.Min(partSize, size - i * partSize));
        }

        var here = new Crc64();
        var buffer = new byte[CheckBuffer];
        using var file = Open(watch.Path);
        for (long offset = 0; offset < size;)
        {
            var got = await RandomAccess.ReadAsync(file, buffer, offset, cancellationToken);
            if (got == 0) throw Changed();
            here.Append(buffer.AsSpan(0, got));
            offset += got;
        }

        watch.Check();
        return here.Value == sent ? sent : throw Changed();
    }

    private async Task AbortAsync(string key, string upload)
    {
        using var timeout = new CancellationTokenSource(AbortTimeout);
        try
        {
            await store.AbortMultipartAsync(key, upload, timeout.Token);
        }
        catch (Exception e) when (e is StoreException or OperationCanceledException)
        {
            // The first error is the one to tell; a bucket's lifecycle rule ends what could not be aborted.
        }
    }

    // After a Complete whose checksum differs there is no upload left to abort.
    private static bool IsCompleted(Exception e) => e is StoreException { Kind: StoreErrorKind.ChecksumMismatch, HttpStatus: 0 };

    private static long PartSizeFor(long size, int maxParts)
    {
        var least = (size + maxParts - 1) / maxParts;
        return Math.Max(SmallestPart, (least + Mebibyte - 1) / Mebibyte * Mebibyte);
    }

    private static Microsoft.Win32.SafeHandles.SafeFileHandle Open(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous);

    private static StoreException Changed() => new(StoreErrorKind.SourceChanged, "The file changed while it was sent.");

    private sealed record Watch(string Path, FileStamp Stamp)
    {
        public void Check()
        {
            if (FileStamp.Of(Path) != Stamp) throw Changed();
        }
    }

    private sealed class MemoryContent(byte[] bytes) : ObjectContent
    {
        public override long Length => bytes.Length;

        public override Stream OpenRead() => new MemoryStream(bytes, writable: false);
    }
}
