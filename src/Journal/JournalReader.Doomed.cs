using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>Doomed keys of a drive that are due and durable, in the order of the keys, a page after <paramref name="after"/>.</summary>
    /// <param name="drive">Drive.</param>
    /// <param name="now">Milliseconds since 1970 UTC.</param>
    /// <param name="durable">The journal's durable sequence.</param>
    /// <param name="after">The last key of the page before, or an empty text.</param>
    /// <param name="unasked">Whether removed files are included that the user was not asked about.</param>
    /// <param name="limit">Most rows.</param>
    public IReadOnlyList<DoomedKey> DueDoomed(long drive, long now, long durable, string after, bool unasked, int limit)
    {
        const string Due = "problem=0 AND drive=$1 AND key>$2 AND due<=$3 AND changed<=$4 ORDER BY key LIMIT $5";
        var sql = unasked
            ? $"SELECT {Rows.DoomedColumns} FROM doomed INDEXED BY doomed_key WHERE {Due}"
            : $"SELECT {Rows.DoomedColumns} FROM doomed INDEXED BY doomed_free WHERE (cause<>0 OR confirmed<>0) AND {Due}";
        lock (_lock) return _sql.Query(sql, Rows.Doomed, drive, after, now, durable, limit);
    }

    /// <summary>What of a drive is to be deleted without anybody having been asked; null when nothing is.</summary>
    public UnaskedDeletes? UnaskedDeletes(long drive)
    {
        lock (_lock)
        {
            var all = _sql.QuerySingle(
                "SELECT COUNT(*), COALESCE(MIN(since),0), COALESCE(MAX(since),0) FROM doomed INDEXED BY doomed_asked WHERE cause=0 AND confirmed=0 AND problem=0 AND drive=$1",
                r => new UnaskedDeletes(r.GetInt64(0), r.GetInt64(1), r.GetInt64(2)), drive);
            return all is { Count: > 0 } ? all : null;
        }
    }

    /// <summary>Removed files of a drive that are still to be deleted, those with a problem too, in the order of the keys, a page after
    /// <paramref name="after"/>.</summary>
    public IReadOnlyList<DoomedKey> RemovedKeys(long drive, string after, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.DoomedColumns} FROM doomed INDEXED BY doomed_key WHERE cause=0 AND drive=$1 AND key>$2 ORDER BY key LIMIT $3",
                Rows.Doomed, drive, after, limit);
        }
    }

    /// <summary>How many removed files of a drive are still to be deleted, those with a problem too.</summary>
    public long CountRemovedKeys(long drive)
    {
        lock (_lock) return Convert.ToInt64(_sql.Scalar("SELECT COUNT(*) FROM doomed WHERE cause=0 AND drive=$1", drive), null);
    }

    /// <summary>The tombstone at a key, or null.</summary>
    public DoomedKey? Doomed(long drive, string key)
    {
        lock (_lock) return _sql.QuerySingle($"SELECT {Rows.DoomedColumns} FROM doomed WHERE drive=$1 AND key=$2", Rows.Doomed, drive, key);
    }

    /// <summary>All tombstones at or below a key prefix.</summary>
    public IReadOnlyList<DoomedKey> DoomedBelow(long drive, string prefix)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.DoomedColumns} FROM doomed WHERE drive=$1 AND key>=$2 AND key<$3", Rows.Doomed, drive, prefix, prefix + char.ConvertFromUtf32(0x10FFFF));
        }
    }
}
