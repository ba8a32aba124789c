using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>What makes a row <c>n</c> superfluous here: at rest, nothing local, no rule, nothing that refers to it.</summary>
    internal const string Demotable =
        "n.pending=0 AND n.open IS NULL AND n.content IS NULL AND n.problem=0 AND (n.flags&3)=0 AND n.parent<>0 AND n.r_etag IS NOT NULL " +
        "AND n.r_attributes=n.attributes AND NOT EXISTS(SELECT 1 FROM node c WHERE c.parent=n.id) " +
        "AND NOT EXISTS(SELECT 1 FROM generation g WHERE g.node=n.id) AND NOT EXISTS(SELECT 1 FROM upload u WHERE u.node=n.id) " +
        "AND NOT EXISTS(SELECT 1 FROM doomed d WHERE d.drive=n.drive AND d.key=n.r_key)";

    /// <summary>Looks through the rows after <paramref name="after"/>, so many at once, for nodes of a drive that the bucket alone can
    /// tell of.</summary>
    /// <returns>The nodes, and the id to go on after; null when there are no more rows.</returns>
    public (IReadOnlyList<NodeRow> Found, long? Next) DemotableNodes(long drive, long after, int rows)
    {
        lock (_lock)
        {
            var last = _sql.Scalar("SELECT MAX(id) FROM (SELECT id FROM node WHERE id>$1 ORDER BY id LIMIT $2)", after, rows) as long?;
            if (last is null) return ([], null);
            var found = _sql.Query(
                $"SELECT {Rows.NodeColumns} FROM node n WHERE id>$2 AND id<=$3 AND drive=$1 AND {Demotable} ORDER BY id", Rows.Node, drive, after, last);
            return (found, last);
        }
    }
}
