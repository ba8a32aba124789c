using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>
/// <c>cache.db</c>: nodes that exist only in the bucket, and which directories were listed. May be deleted at any time; it is
/// dropped by itself when it cannot be read or after a reboot that was not clean. Thread-safe.
/// <para>A node moves from here to the journal when the user changes it. It is removed here first, together with the mark that its
/// directory is completely listed, so that a kill in between costs a new listing and never resurrects a deleted name.</para>
/// </summary>
public sealed class CacheStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqlSession _sql;

    private CacheStore(SqlSession sql) => _sql = sql;

    /// <summary>Opens the cache of a state folder; one that cannot be read is replaced by an empty one.</summary>
    public static CacheStore Open(string folder, bool discard)
    {
        var path = Path.Combine(folder, "cache.db");
        if (discard) Delete(path);
        try
        {
            return new CacheStore(OpenSession(path));
        }
        catch (Exception e) when (e is SqliteException or JournalException)
        {
            Delete(path);
            return new CacheStore(OpenSession(path));
        }
    }

    /// <summary>Nodes of a directory.</summary>
    public IReadOnlyList<NodeRow> Children(long directory)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.NodeColumns} FROM node WHERE parent=$1", Rows.Node, directory);
    }

    /// <summary>When a directory was last listed completely, milliseconds since 1970, or null.</summary>
    public long? ListedAt(long directory)
    {
        lock (_lock) return _sql.Scalar("SELECT at FROM listing WHERE directory=$1", directory) as long?;
    }

    /// <summary>Applies a complete listing: removed ids go, others are put, the directory counts as listed at <paramref name="at"/>.</summary>
    public void ApplyListing(long directory, long at, IReadOnlyCollection<long> removed, IReadOnlyCollection<NodeRow> put) =>
        InTransaction(() =>
        {
            foreach (var id in removed) Remove(id);
            foreach (var row in put) Put(row);
            _sql.Run("INSERT OR REPLACE INTO listing VALUES($1,$2)", directory, at);
        });

    /// <summary>Removes nodes that go to the journal or are gone; their directories count as not listed until marked again.</summary>
    public void Take(IReadOnlyCollection<NodeRow> rows) => InTransaction(() =>
    {
        foreach (var row in rows)
        {
            Remove(row.Id);
            _sql.Run("DELETE FROM listing WHERE directory=$1", row.Parent);
        }
    });

    /// <summary>Marks a directory as completely listed, because it was made here or because what was taken from it is committed.</summary>
    public void MarkListed(long directory, long at)
    {
        lock (_lock) _sql.Run("INSERT OR REPLACE INTO listing VALUES($1,$2)", directory, at);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _sql.Dispose();
    }

    private static SqlSession OpenSession(string path)
    {
        var sql = SqlSession.Open(path, readOnly: false);
        try
        {
            sql.Scalar("PRAGMA journal_mode=WAL");
            sql.Run("PRAGMA synchronous=OFF");
            Migrations.ApplyCache(sql);
            return sql;
        }
        catch
        {
            sql.Dispose();
            throw;
        }
    }

    private static void Delete(string path)
    {
        foreach (var suffix in (string[])["", "-wal", "-shm"]) File.Delete(path + suffix);
    }

    private void InTransaction(Action action)
    {
        lock (_lock)
        {
            _sql.Run("BEGIN IMMEDIATE");
            try
            {
                action();
                _sql.Run("COMMIT");
            }
            catch
            {
                _sql.Run("ROLLBACK");
                throw;
            }
        }
    }

    private void Remove(long id) => _sql.Run("DELETE FROM node WHERE id=$1", id);

    private void Put(NodeRow row) => _sql.Run(Rows.ReplaceNode, Rows.NodeValues(row, row.Changed));
}
