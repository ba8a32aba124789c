using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>What becomes of the cache on a full disk.</summary>
public sealed partial class CacheStore
{
    private const int Full = 13; // SQLITE_FULL

    /// <summary>A larger one stays on the disk, in bytes: some 500,000 names.</summary>
    private const long MostInMemory = 128L << 20;

    /// <summary>Until the agent ends; the next start begins with an empty cache. A kill before that costs what an empty cache costs.</summary>
    private bool TryMoveToMemoryNeedsLock()
    {
        if (_isInMemory || (long)_sql.Scalar("PRAGMA page_count")! * (long)_sql.Scalar("PRAGMA page_size")! > MostInMemory) return false;
        var memory = new SqlSession(new SqliteConnection("Data Source=:memory:;Pooling=False"));
        try
        {
            memory.Connection.Open();
            _sql.Connection.BackupDatabase(memory.Connection);
            Delete(_path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            memory.Dispose();
            return false; // then its caller is told that the disk is full
        }

        _sql.Dispose();
        _sql = memory;
        _isInMemory = true;
        return true;
    }
}
