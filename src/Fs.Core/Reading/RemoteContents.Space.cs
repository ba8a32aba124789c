using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>The index is written in batches; room is made by whole objects, longest unused first. A row goes before its bytes, and
/// comes after them.</summary>
internal sealed partial class RemoteContents
{
    private const int Page = 64;

    /// <summary>Bytes that are given back at once when the disk is full.</summary>
    private const long ReclaimedAtOnce = 256L << 20;

    /// <summary>While nothing more can be given back, it is tried again after so many further bytes.</summary>
    private const long EvictAgainAfter = 8L << 20;

    private readonly Lock _maintaining = new();
    private long _bytes;
    private long _evictAbove;
    private HashSet<string> _kept = new(StringComparer.Ordinal); // guarded by _lock, as _keptBytes
    private long _keptBytes;
    private int _scheduled;

    /// <summary>Bytes in the cache.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Bytes of a version that are in the cache.</summary>
    public long HeldBytes(string key, string etag, long size)
    {
        lock (_lock)
        {
            return _contents.TryGetValue((key, etag, size), out var content)
                ? content.HeldBytes
                : FindNeedsLock(key, etag, size)?.Ranges.Sum(range => range.End - range.Start) ?? 0;
        }
    }

    /// <summary>Bytes that the cache may hold: what is pinned comes on top.</summary>
    private long Limit => Options.ReadCacheLimit + Interlocked.Read(ref _keptBytes);

    /// <summary>Keeps a content whatever the limit, until <see cref="KeepOnly"/> leaves it out.</summary>
    public void Keep(RemoteContent content)
    {
        lock (_lock)
        {
            if (_kept.Add(content.FileName)) Interlocked.Add(ref _keptBytes, content.Size);
        }
    }

    /// <summary>These are pinned from now on, and no others.</summary>
    /// <param name="files">Names of cache files, with the sizes of their objects.</param>
    public void KeepOnly(IReadOnlyDictionary<string, long> files)
    {
        lock (_lock)
        {
            _kept = new HashSet<string>(files.Keys, StringComparer.Ordinal);
            Interlocked.Exchange(ref _keptBytes, files.Values.Sum());
        }
    }

    /// <summary>Whether the disk has room for more; makes some if it has not.</summary>
    public bool TryTakeRoom(long bytes) => _disk.TryTake(bytes);

    /// <summary>Bytes have come into the cache. A download that is far ahead of the maintenance does it itself, so that the limit holds
    /// however busy the machine is.</summary>
    public void Added(long bytes)
    {
        var above = Interlocked.Add(ref _bytes, bytes) - Math.Max(Limit, Volatile.Read(ref _evictAbove));
        if (above > EvictAgainAfter) Maintain();
        else if (above > 0) StartMaintenance();
    }

    /// <summary>Gives back at least so many bytes, if there are; returns how many.</summary>
    public long Reclaim(long bytes)
    {
        lock (_maintaining)
        {
            WriteIndex();
            return Evict(bytes);
        }
    }

    /// <summary>Writes the index and makes room, behind the caller.</summary>
    public void StartMaintenance()
    {
        if (Volatile.Read(ref _disposed) || Interlocked.Exchange(ref _scheduled, 1) != 0) return;
        Run(() =>
        {
            Volatile.Write(ref _scheduled, 0);
            Maintain();
            return Task.CompletedTask;
        });
    }

    private void Maintain()
    {
        lock (_maintaining)
        {
            WriteIndex();
            var limit = Limit;
            if (Bytes > limit) Evict(Bytes - limit + (limit / 20)); // a little more, so that not every step evicts
            Volatile.Write(ref _evictAbove, Bytes > limit ? Bytes + EvictAgainAfter : 0);
        }
    }

    // Under _maintaining.
    private void WriteIndex()
    {
        var changed = new List<RemoteContent>();
        var rows = new List<CachedObject>();
        foreach (var content in Snapshot())
        {
            if (content.TakeChange(_drive) is not { } row) continue;
            changed.Add(content);
            rows.Add(row);
        }

        try
        {
            if (rows.Count > 0) _index.PutCached(rows);
        }
        catch (JournalException e)
        {
            _logger.LogWarning("the index of the read cache cannot be written: {Message}", e.Message);
            foreach (var content in changed) content.PutBackChange();
        }

        List<RemoteContent> idle;
        lock (_lock)
        {
            idle = [.. _contents.Values.Where(content => content.Users == 0 && content.IsWritten)];
            foreach (var content in idle) RemoveNeedsLock(content);
        }

        foreach (var content in idle) content.Retire();
    }

    // Under _maintaining, the index just written: what nobody uses is in it.
    private long Evict(long bytes)
    {
        var freed = EvictUnused(bytes);
        if (freed < bytes) freed += EvictUnwritten(bytes - freed);
        if (freed < bytes) freed += ShedOpen(bytes - freed);
        return freed;
    }

    private long EvictUnused(long bytes)
    {
        long freed = 0;
        CachedFile? last = null;
        while (freed < bytes && Oldest(last) is { Count: > 0 } page)
        {
            last = page[^1];
            var victims = new List<CachedFile>();
            lock (_lock)
            {
                foreach (var file in page)
                {
                    if (freed >= bytes) break;
                    if (_files.Contains(file.File) || _kept.Contains(file.File)) continue;
                    victims.Add(file);
                    freed += file.Bytes;
                }

                Guarded(() => _index.RemoveCached([.. victims.Select(victim => victim.File)]));
            }

            foreach (var victim in victims) Delete(victim.File, victim.Bytes);
        }

        return freed;
    }

    // Where the index cannot be written, as on a full disk, closed contents are still in memory.
    private long EvictUnwritten(long bytes)
    {
        long freed = 0;
        foreach (var content in Snapshot().OrderBy(content => content.Used))
        {
            if (freed >= bytes) break;
            lock (_lock)
            {
                if (content.Users > 0 || _kept.Contains(content.FileName)) continue;
                RemoveNeedsLock(content);
                Guarded(() => _index.RemoveCached([content.FileName]));
            }

            content.Retire();
            freed += content.HeldBytes;
            Delete(content.FileName, content.HeldBytes);
        }

        return freed;
    }

    // Only what is open is left, such as one object larger than the limit: what its readers have behind them goes.
    private long ShedOpen(long bytes)
    {
        long freed = 0;
        foreach (var content in Snapshot().OrderByDescending(content => content.HeldBytes))
        {
            if (freed >= bytes) break;
            lock (_lock)
            {
                if (_kept.Contains(content.FileName)) continue;
            }

            try
            {
                _index.RemoveCached([content.FileName]);
                var shed = content.Shed();
                Interlocked.Add(ref _bytes, -shed);
                freed += shed;
            }
            catch (Exception e) when (e is JournalException or IOException)
            {
                _logger.LogWarning("the read cache cannot give back what it holds of an open object: {Message}", e.Message);
            }
        }

        return freed;
    }

    private IReadOnlyList<CachedFile> Oldest(CachedFile? after)
    {
        try
        {
            return _index.OldestCached(_drive, after, Page);
        }
        catch (JournalException e)
        {
            _logger.LogWarning("the index of the read cache cannot be read: {Message}", e.Message);
            return [];
        }
    }

    private void Delete(string file, long bytes)
    {
        try
        {
            File.Delete(Path.Combine(_folder, file));
        }
        catch (IOException e)
        {
            _logger.LogWarning("a file of the read cache cannot be removed now, and will be at the next start: {Message}", e.Message);
        }

        Interlocked.Add(ref _bytes, -bytes);
    }

    // Files that no row speaks of: those of the last seconds before a kill, and all of them when cache.db was dropped. Behind the
    // mount, since there may be many.
    private void Sweep()
    {
        foreach (var path in Directory.EnumerateFiles(_folder))
        {
            if (Volatile.Read(ref _disposed)) return;
            var file = Path.GetFileName(path);

            // In this order: a content leaves the memory after its row was written.
            lock (_lock)
            {
                if (_files.Contains(file)) continue;
            }

            try
            {
                if (!_index.KnowsCached(file)) File.Delete(path);
            }
            catch (Exception e) when (e is JournalException or IOException)
            {
                _logger.LogWarning("the read cache cannot be swept: {Message}", e.Message);
                return;
            }
        }
    }
}
