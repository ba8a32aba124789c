using Microsoft.Data.Sqlite;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

/// <summary>Counts by state. They are asked for again and again while very many files wait: what waits is summed up from an index, unsorted,
/// and what is open, held or in trouble is found by indexes of its own.</summary>
public sealed partial class JournalReader
{
    private const string Dimensions = "n.type=1, n.problem, g.state, n.pending, n.changed>$2, n.type=0 AND n.content IS NULL AND n.r_key IS NOT NULL, n.flags&3";

    private static readonly (bool Directory, bool Closing)[] WaitingClasses = [(false, false), (false, true), (true, false), (true, true)];

    private static readonly string WaitingSql = "SELECT " + string.Join(
        ',', WaitingClasses.Select(waiting => $"type{(waiting.Directory ? "=" : "<>")}1 AND changed{(waiting.Closing ? ">" : "<=")}$2")
            .Select(which => $"COUNT(*) FILTER (WHERE {which}), SUM(size) FILTER (WHERE {which})"))
        + " FROM node INDEXED BY node_pending_size WHERE pending=1 AND flags&2=0 AND drive=$1";

    /// <summary>How many nodes of a drive stand where, the root left out.</summary>
    /// <param name="drive">Drive.</param>
    /// <param name="durable">The journal's durable sequence: pending nodes changed after it are still <see cref="Planning.FileState.Closing"/>.</param>
    public IReadOnlyList<StateTally> Tallies(long drive, long durable) => AtOneMoment<IReadOnlyList<StateTally>>(() => [.. UnsettledTallies(drive, durable), .. SettledTallies(drive)]);

    /// <summary>The same of nodes that are not at rest: pending, open, or with a problem.</summary>
    public IReadOnlyList<StateTally> UnsettledTallies(long drive, long durable) => AtOneMoment<IReadOnlyList<StateTally>>(() =>
    {
        // Few. The root is among them to be taken out.
        var special = _sql.Query(
            $"SELECT {Dimensions}, COUNT(*), SUM(n.size), n.parent=0 FROM node n LEFT JOIN generation g ON g.id=n.open WHERE n.drive=$1 AND n.id IN " +
            "(SELECT id FROM node WHERE open IS NOT NULL UNION ALL SELECT id FROM node WHERE problem<>0 " +
            "UNION ALL SELECT id FROM node WHERE drive=$1 AND flags&2=2 AND pending=1 UNION ALL SELECT root FROM drive WHERE id=$1) GROUP BY 1,2,3,4,5,6,7,10",
            row => (Tally: ReadTally(row), IsRoot: row.GetBoolean(9)), drive, durable);
        var waiting = _sql.Query(WaitingSql, ReadWaiting, drive, durable)[0];
        return
        [
            .. waiting.Select(tally => Without(tally, special.Select(other => other.Tally))).Where(tally => tally.Count > 0),
            .. special.Where(other => !other.IsRoot).Select(other => other.Tally),
        ];
    });

    /// <summary>The same of nodes at rest. One pass over the drive's rows.</summary>
    public IReadOnlyList<StateTally> SettledTallies(long drive)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Dimensions}, COUNT(*), SUM(n.size) FROM node n LEFT JOIN generation g ON g.id=n.open " +
                "WHERE n.drive=$1 AND n.pending=0 AND n.open IS NULL AND n.problem=0 AND n.parent<>0 GROUP BY 1,2,3,4,5,6,7", ReadTally, drive, long.MaxValue);
        }
    }

    private static StateTally[] ReadWaiting(SqliteDataReader r) =>
    [
        .. WaitingClasses.Select((waiting, number) => new StateTally(
            waiting.Directory, Problem.None, null, Pending: true, waiting.Closing, RemoteOnly: false, NodeFlags.None, r.GetInt64(2 * number), Rows.Number(r, (2 * number) + 1) ?? 0)),
    ];

    // Those that have a tally of their own were summed up with the others.
    private static StateTally Without(StateTally waiting, IEnumerable<StateTally> special) => special
        .Where(other => other.Pending && (other.Flags & NodeFlags.Held) == 0 && other.Directory == waiting.Directory && other.Closing == waiting.Closing)
        .Aggregate(waiting, (left, other) => left with { Count = left.Count - other.Count, Bytes = left.Bytes - other.Bytes });

    private static StateTally ReadTally(SqliteDataReader r) => new(
        r.GetBoolean(0), (Problem)r.GetInt32(1), Rows.Number(r, 2) is { } state ? (GenerationState)state : null,
        r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5), (NodeFlags)r.GetInt32(6), r.GetInt64(7), r.GetInt64(8));
}
