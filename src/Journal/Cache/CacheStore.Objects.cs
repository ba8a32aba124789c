using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal;

/// <summary>The index of the read cache. A row is written after the bytes it speaks of, and removed before them.</summary>
public sealed partial class CacheStore
{
    /// <summary>What is held of a version, or null.</summary>
    public CachedObject? Cached(long drive, string key, string etag, long size) => Guarded(() => _sql.QuerySingle(
        "SELECT file, used, ranges FROM cached WHERE drive=$1 AND key=$2 AND etag=$3 AND size=$4",
        row => new CachedObject(drive, key, etag, size, row.GetString(0), row.GetInt64(1), Ranges((byte[])row.GetValue(2))),
        drive, key, etag, size));

    /// <summary>Bytes that a drive's rows account for.</summary>
    public long CachedBytes(long drive) =>
        Guarded(() => _sql.Scalar("SELECT SUM(bytes) FROM cached WHERE drive=$1", drive) as long? ?? 0);

    /// <summary>Files of a drive in the order in which they were last read, after a given one (null: from the longest unused).</summary>
    public IReadOnlyList<CachedFile> OldestCached(long drive, CachedFile? after, int limit) => Guarded(() => _sql.Query(
        "SELECT file, used, bytes FROM cached WHERE drive=$1 AND (used, file) > ($2, $3) ORDER BY used, file LIMIT $4",
        row => new CachedFile(row.GetString(0), row.GetInt64(1), row.GetInt64(2)),
        drive, after?.Used ?? long.MinValue, after?.File ?? "", limit));

    /// <summary>Whether a row speaks of a file.</summary>
    public bool KnowsCached(string file) => Guarded(() => _sql.Scalar("SELECT 1 FROM cached WHERE file=$1", file) is not null);

    /// <summary>Writes rows, in one transaction.</summary>
    public void PutCached(IReadOnlyCollection<CachedObject> objects) => Guarded(() => InTransaction(() =>
    {
        foreach (var item in objects)
        {
            _sql.Run(
                "INSERT OR REPLACE INTO cached(file, drive, key, etag, size, used, bytes, ranges) VALUES($1,$2,$3,$4,$5,$6,$7,$8)",
                item.File, item.Drive, item.Key, item.ETag, item.Size, item.Used, item.Ranges.Sum(range => range.End - range.Start),
                Bytes(item.Ranges));
        }
    }, CrashPoints.CacheIndexed));

    /// <summary>Removes the rows of files, in one transaction; the files come after.</summary>
    public void RemoveCached(IReadOnlyCollection<string> files) => Guarded(() => InTransaction(() =>
    {
        foreach (var file in files) _sql.Run("DELETE FROM cached WHERE file=$1", file);
    }, CrashPoints.CacheForgotten));

    /// <summary>The same bytes stand under another key or ETag now. Nothing happens when nothing is held, or something is held there
    /// already.</summary>
    public void MoveCached(long drive, string key, string etag, long size, string newKey, string newETag) => Guarded(() => _sql.Run(
        "UPDATE OR IGNORE cached SET key=$5, etag=$6 WHERE drive=$1 AND key=$2 AND etag=$3 AND size=$4", drive, key, etag, size, newKey, newETag));

    private static List<(long Start, long End)> Ranges(byte[] bytes)
    {
        var numbers = MemoryMarshal.Cast<byte, long>(bytes);
        var ranges = new List<(long Start, long End)>(numbers.Length / 2);
        for (var i = 0; i + 1 < numbers.Length; i += 2) ranges.Add((numbers[i], numbers[i + 1]));
        return ranges;
    }

    private static byte[] Bytes(IReadOnlyList<(long Start, long End)> ranges)
    {
        var numbers = new long[ranges.Count * 2];
        for (var i = 0; i < ranges.Count; i++) (numbers[2 * i], numbers[(2 * i) + 1]) = ranges[i];
        return MemoryMarshal.AsBytes<long>(numbers).ToArray();
    }

    private void Guarded(Action action) => Guarded(() =>
    {
        action();
        return true;
    });

    private T Guarded<T>(Func<T> action)
    {
        try
        {
            lock (_lock)
            {
                try
                {
                    return action();
                }
                catch (SqliteException e) when (e.SqliteErrorCode == Full)
                {
                    // Not in the filter: what the action leaves open is rolled back only on the way here.
                    if (!TryMoveToMemoryNeedsLock()) throw;
                }

                return action();
            }
        }
        catch (SqliteException e)
        {
            throw new JournalException($"cache.db cannot be used: {e.Message}", diskFull: e.SqliteErrorCode == Full, inner: e);
        }
    }
}
