using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>Nodes of a drive that are open or have a problem, by id, a page after <paramref name="after"/>.</summary>
    public IReadOnlyList<NodeRow> OpenOrTroubledNodes(long drive, long after, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                // They are few, and each kind has an index: a backlog of other nodes is not looked through.
                $"SELECT {Rows.NodeColumns} FROM node WHERE id IN (SELECT id FROM node WHERE open IS NOT NULL UNION ALL SELECT id FROM node WHERE problem<>0) " +
                "AND id>$2 AND drive=$1 ORDER BY id LIMIT $3",
                Rows.Node, drive, after, limit);
        }
    }

    /// <summary>Paths of a drive that are pinned: names joined with "/", empty for its top.</summary>
    public IReadOnlyList<string> Pins(long drive)
    {
        lock (_lock) return _sql.Query("SELECT path FROM pin WHERE drive=$1", r => r.GetString(0), drive);
    }

    /// <summary>Nodes of a drive that are left out of the bucket by the user's rule.</summary>
    public IReadOnlyList<NodeRow> IgnoredNodes(long drive)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.NodeColumns} FROM node WHERE drive=$1 AND flags&1=1", Rows.Node, drive);
    }

    /// <summary>Keys of a drive whose deletion needs somebody.</summary>
    public IReadOnlyList<DoomedKey> TroubledDeletes(long drive, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.DoomedColumns} FROM doomed WHERE problem<>0 AND drive=$1 ORDER BY id LIMIT $2", Rows.Doomed, drive, limit);
        }
    }

    /// <summary>The sequence of the change that a drive's bucket has been waiting for longest, left out what the user holds back; null when
    /// nothing waits.</summary>
    public long? OldestPending(long drive)
    {
        lock (_lock) return _sql.Scalar("SELECT MIN(changed) FROM node INDEXED BY node_pending_size WHERE pending=1 AND flags&2=0 AND drive=$1", drive) as long?;
    }

    /// <summary>Bytes of all generations kept in staging, counted at their full length.</summary>
    public long StagedBytes()
    {
        lock (_lock) return Convert.ToInt64(_sql.Scalar("SELECT COALESCE(SUM(size),0) FROM generation"), null);
    }

    /// <summary>Bytes of a drive's sealed contents kept in staging, counted at their full length.</summary>
    public long StagedBytes(long drive)
    {
        lock (_lock)
        {
            return Convert.ToInt64(
                _sql.Scalar("SELECT COALESCE(SUM(g.size),0) FROM node n JOIN generation g ON g.id=n.content WHERE n.drive=$1 AND n.content IS NOT NULL", drive), null);
        }
    }
}
