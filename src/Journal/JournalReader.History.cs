using Microsoft.Data.Sqlite;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    private const string HistoryColumns = "id,drive,at,what,key,size,etag,reason";

    /// <summary>What happened, newest first.</summary>
    /// <param name="search">A part of the key; upper and lower case letters of English are the same. Null for all.</param>
    /// <param name="before">Only what happened before the entry of this id; null to begin with the newest.</param>
    /// <param name="limit">Most rows.</param>
    public IReadOnlyList<HistoryRow> History(string? search, long? before, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {HistoryColumns} FROM history WHERE id<$1 AND ($2 IS NULL OR key LIKE $2 ESCAPE '\\') ORDER BY id DESC LIMIT $3",
                ReadHistory, before ?? long.MaxValue, search is null ? null : $"%{EscapeLike(search)}%", limit);
        }
    }

    /// <summary>What of a drive arrived last, newest first.</summary>
    public IReadOnlyList<HistoryRow> RecentUploads(long drive, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {HistoryColumns} FROM history WHERE drive=$1 AND what IN (0,1) ORDER BY id DESC LIMIT $2", ReadHistory, drive, limit);
        }
    }

    /// <summary>Id of the newest entry of the history, 0 when there is none.</summary>
    public long LastHistory()
    {
        lock (_lock) return _sql.Scalar("SELECT MAX(id) FROM history") as long? ?? 0;
    }

    /// <summary>How many files arrived after the entry of an id, as far as they are kept, and their bytes.</summary>
    public (long Files, long Bytes) UploadsAfter(long id)
    {
        lock (_lock)
        {
            var sums = _sql.Query("SELECT COUNT(*), COALESCE(SUM(size),0) FROM history WHERE id>$1 AND what=0", r => (r.GetInt64(0), r.GetInt64(1)), id);
            return sums[0];
        }
    }

    /// <summary>How much of what happened to how many objects of each drive after the entry of an id, as far as it is kept, and the newest entry.</summary>
    public IReadOnlyList<(long Drive, HistoryKind What, long Count, long Last)> HistoryCounts(long after)
    {
        lock (_lock)
        {
            return _sql.Query(
                "SELECT drive,what,COUNT(*),MAX(id) FROM history WHERE id>$1 GROUP BY drive,what",
                r => (r.GetInt64(0), (HistoryKind)r.GetInt32(1), r.GetInt64(2), r.GetInt64(3)), after);
        }
    }

    private static string EscapeLike(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);

    private static HistoryRow ReadHistory(SqliteDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.GetInt64(2), (HistoryKind)r.GetInt32(3), r.GetString(4), Sql.Rows.Number(r, 5), Sql.Rows.Text(r, 6), Sql.Rows.Text(r, 7));
}
