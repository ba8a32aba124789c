using SyncAgent.Journal.Planning;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>How many nodes of a drive stand where, the root left out. One pass over the drive's rows.</summary>
    /// <param name="drive">Drive.</param>
    /// <param name="durable">The journal's durable sequence: pending nodes changed after it are still <see cref="FileState.Closing"/>.</param>
    public IReadOnlyList<StateTally> Tallies(long drive, long durable)
    {
        lock (_lock)
        {
            return _sql.Query(
                "SELECT n.type=1, n.problem, g.state, n.pending, n.changed>$2, n.type=0 AND n.content IS NULL AND n.r_key IS NOT NULL, n.flags&3, COUNT(*), SUM(n.size) " +
                "FROM node n LEFT JOIN generation g ON g.id=n.open WHERE n.drive=$1 AND n.parent<>0 GROUP BY 1,2,3,4,5,6,7",
                r => new StateTally(
                    r.GetBoolean(0), (Problem)r.GetInt32(1), Rows.Number(r, 2) is { } state ? (GenerationState)state : null,
                    r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5), (NodeFlags)r.GetInt32(6), r.GetInt64(7), r.GetInt64(8)),
                drive, durable);
        }
    }

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

/// <summary>How many nodes share everything that their state depends on in the journal.</summary>
/// <param name="Directory">Directories, else files and links.</param>
/// <param name="Problem">What needs somebody's help.</param>
/// <param name="Open">State of the open generation, or null.</param>
/// <param name="Pending">Whether the planner has still to look at them.</param>
/// <param name="Closing">Whether they changed after the last durable commit.</param>
/// <param name="RemoteOnly">Whether only the bucket holds their content.</param>
/// <param name="Flags">Whether they are left out of the bucket by the user's rule, or held back; no other marks.</param>
/// <param name="Count">Nodes.</param>
/// <param name="Bytes">Their sizes together.</param>
public sealed record StateTally(
    bool Directory, Problem Problem, GenerationState? Open, bool Pending, bool Closing, bool RemoteOnly, NodeFlags Flags, long Count, long Bytes)
{
    /// <summary>The state that these nodes are in, as <see cref="FileStates.Of"/> says it while nobody writes or sends them.</summary>
    public FileState State => FileStates.Of(
        new NodeRow
        {
            Id = 0,
            Drive = 0,
            Parent = 0,
            Name = "",
            Type = Directory ? NodeType.Directory : NodeType.File,
            Problem = Problem,
            Pending = Pending,
            Changed = Closing ? 1 : 0,
            Flags = Flags,
            Content = RemoteOnly ? null : 1,
            Remote = RemoteOnly ? new RemoteState("", null, null, null, 0, 0, null, 0, Proof.Listed) : null,
        },
        Open, beingWritten: false, uploading: false, durable: 0);
}
