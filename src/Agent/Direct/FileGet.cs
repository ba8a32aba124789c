using SyncAgent.Agent.Cli;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>Fetches an object into a file: beside it first, under its name only when it is whole, checked and on the disk.</summary>
internal sealed class FileGet(IObjectStore store, Action<long, long> report)
{
    /// <summary>A body that breaks is gone on with from where it broke, this often without a byte in between.</summary>
    private const int Attempts = 5;

    private const int BufferSize = 256 << 10;

    /// <summary>Fetches an object.</summary>
    public async Task<ObjectInfo> FetchAsync(string key, string path, CancellationToken cancellationToken)
    {
        var target = Path.GetFullPath(path);
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():n}.part");
        try
        {
            ObjectInfo info;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0, FileOptions.Asynchronous))
            {
                info = await FillAsync(key, file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
            return info;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private async Task<ObjectInfo> FillAsync(string key, FileStream file, CancellationToken cancellationToken)
    {
        ObjectInfo? info = null;
        var crc = new Crc64();
        var buffer = new byte[BufferSize];
        for (var failures = 0; info is null || file.Position < info.Size;)
        {
            var before = file.Position;
            try
            {
                var range = info is null ? (ByteRange?)null : new ByteRange(before, info.Size - before);
                using var body = await store.GetAsync(key, range, info?.ETag, cancellationToken);
                info ??= body.Info;
                while (await body.Content.ReadAsync(buffer, cancellationToken) is var got && got > 0)
                {
                    await file.WriteAsync(buffer.AsMemory(0, got), cancellationToken);
                    crc.Append(buffer.AsSpan(0, got));
                    report(file.Position, info.Size);
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

        return info.Crc64 is null || info.Crc64 == crc.Value
            ? info
            : throw new CommandException(ExitCodes.NeedsUser, $"{key} arrived damaged: its checksum differs from the store's. Try again.");
    }
}
