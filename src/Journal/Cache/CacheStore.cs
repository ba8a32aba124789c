using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>
/// <c>cache.db</c>: nodes that exist only in the bucket, which directories were listed, and what the read cache holds. May be deleted
/// at any time; it is dropped by itself when it cannot be read or after a reboot. On a full disk it goes on in memory, and its file gives
/// way: a disk that takes no more must not keep anybody from removing a file. Thread-safe.
/// <para>A node moves from here to the journal when the user changes it. It is removed here first, together with the mark that its
/// directory is completely listed, so that a kill in between costs a new listing and never resurrects a deleted name.</para>
/// </summary>
public sealed partial class CacheStore : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private SqlSession _sql;
    private bool _isInMemory;

    private CacheStore(string path)
    {
        _path = path;
        _sql = OpenSession(path);
    }

    /// <summary>Opens the cache of a state folder; one that cannot be read is replaced by an empty one.</summary>
    public static CacheStore Open(string folder, bool discard)
    {
        var path = Path.Combine(folder, "cache.db");
        if (discard) Delete(path);
        try
        {
            return new CacheStore(path);
        }
        catch (Exception e) when (e is SqliteException or JournalException)
        {
            Delete(path);
            return new CacheStore(path);
        }
    }

    /// <summary>A node, or null.</summary>
    public NodeRow? Node(long id)
    {
        lock (_lock) return _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, id);
    }

    /// <summary>Hands out the nodes of a directory one by one. <paramref name="visit"/> changes nothing here.</summary>
    public void VisitChildren(long directory, Action<NodeRow> visit)
    {
        lock (_lock) _sql.Visit($"SELECT {Rows.NodeColumns} FROM node WHERE parent=$1", row => visit(Rows.Node(row)), directory);
    }

    /// <summary>When a directory was last listed completely, milliseconds since 1970, or null.</summary>
    public long? ListedAt(long directory)
    {
        lock (_lock) return _sql.Scalar("SELECT at FROM listing WHERE directory=$1", directory) as long?;
    }

    /// <summary>Removed ids go, others are put. Which directories count as listed stays as it is.</summary>
    public void Apply(IReadOnlyCollection<long> removed, IReadOnlyCollection<NodeRow> put) =>
        InTransaction(() => Write(removed, put), CrashPoints.CacheNodes);

    /// <summary>Applies a complete listing, or the end of one: removed ids go, others are put, the directory counts as listed at
    /// <paramref name="at"/>.</summary>
    public void ApplyListing(long directory, long at, IReadOnlyCollection<long> removed, IReadOnlyCollection<NodeRow> put) =>
        InTransaction(() =>
        {
            Write(removed, put);
            _sql.Run("INSERT OR REPLACE INTO listing VALUES($1,$2)", directory, at);
        }, CrashPoints.CacheNodes);

    /// <summary>Removes nodes that go to the journal or are gone; their directories count as not listed until marked again.</summary>
    public void Take(IReadOnlyCollection<NodeRow> rows) => InTransaction(() =>
    {
        foreach (var row in rows)
        {
            Remove(row.Id);
            _sql.Run("DELETE FROM listing WHERE directory=$1", row.Parent);
        }
    }, CrashPoints.CacheTaken);

    /// <summary>Marks a directory as completely listed, because it was made here or because what was taken from it is committed. On a disk
    /// that takes no more it stays unmarked: then it is listed anew after a restart.</summary>
    public void MarkListed(long directory, long at)
    {
        try
        {
            Guarded(() => _sql.Run("INSERT OR REPLACE INTO listing VALUES($1,$2)", directory, at));
        }
        catch (JournalException)
        {
            // Only a listing more.
        }
    }

    /// <summary>A directory counts as not listed: something of it is known to be missing here.</summary>
    public void ForgetListing(long directory)
    {
        Guarded(() => _sql.Run("DELETE FROM listing WHERE directory=$1", directory));
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

    private void InTransaction(Action action, string point) => Guarded(() =>
    {
        _sql.Run("BEGIN IMMEDIATE");
        try
        {
            action();
            _sql.Run("COMMIT");
        }
        catch
        {
            _sql.RollBack();
            throw;
        }

        CrashPoints.Reach(point);
    });

    private void Write(IReadOnlyCollection<long> removed, IReadOnlyCollection<NodeRow> put)
    {
        foreach (var id in removed) Remove(id);
        foreach (var row in put) Put(row);
    }

    private void Remove(long id) => _sql.Run("DELETE FROM node WHERE id=$1", id);

    private void Put(NodeRow row) => _sql.Run(Rows.ReplaceNode, Rows.NodeValues(row, row.Changed));
}
