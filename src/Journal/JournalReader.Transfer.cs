using System.Globalization;
using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>Nodes of a drive that are due, durable and not held back by the user, oldest due first: either those of at most <paramref name="sizeLimit"/>
    /// bytes or, when <paramref name="large"/>, only those above it.</summary>
    public IReadOnlyList<NodeRow> DueNodes(long drive, long now, long durable, long sizeLimit, bool large, int limit)
    {
        // Few files are large, so that they are found by size and then sorted; the others come in the order of the index.
        var from = large ? "node INDEXED BY node_pending_size WHERE size>$4" : "node INDEXED BY node_pending WHERE size<=$4";
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.NodeColumns} FROM {from} AND pending=1 AND flags&2=0 AND drive=$1 AND due<=$2 AND changed<=$3 ORDER BY due LIMIT $5",
                Rows.Node, drive, now, durable, sizeLimit, limit);
        }
    }

    /// <summary>The next time after <paramref name="now"/> at which something of a drive becomes due, milliseconds since 1970, or null.</summary>
    public long? NextDue(long drive, long now)
    {
        lock (_lock)
        {
            return _sql.Scalar(
                "SELECT MIN(due) FROM (SELECT due FROM node WHERE pending=1 AND flags&2=0 AND drive=$1 AND due>$2 UNION ALL " +
                "SELECT due FROM doomed WHERE problem=0 AND drive=$1 AND due>$2)", drive, now) as long?;
        }
    }

    /// <summary>The live nodes whose confirmed object stands under a key.</summary>
    public IReadOnlyList<NodeRow> NodesAtRemoteKey(long drive, string key)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.NodeColumns} FROM node WHERE drive=$1 AND r_key=$2", Rows.Node, drive, key);
    }

    /// <summary>The live nodes with something left to do whose confirmed objects stand at or below a key prefix.</summary>
    public IReadOnlyList<NodeRow> UnsettledAtRemoteKeysBelow(long drive, string prefix)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.NodeColumns} FROM node WHERE drive=$1 AND r_key>=$2 AND r_key<$3 AND (pending=1 OR problem<>0)", Rows.Node, drive, prefix, prefix + char.ConvertFromUtf32(0x10FFFF));
        }
    }

    /// <summary>Whether some generation, also one of an unlinked file that is still open, stands on the object under a key.</summary>
    public bool IsRemoteBase(string key)
    {
        lock (_lock) return _sql.Scalar("SELECT 1 FROM generation WHERE base=2 AND base_key=$1 LIMIT 1", key) is not null;
    }

    /// <summary>The live node that wants a path (names joined with "/", no slash at the end), or null.</summary>
    public NodeRow? NodeAtPath(long root, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        lock (_lock)
        {
            var node = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, root);
            foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (node is null) return null;
                node = _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE parent=$1 AND name=$2", Rows.Node, node.Id, name);
            }

            return node;
        }
    }

    /// <summary>Multipart uploads of a node.</summary>
    public IReadOnlyList<UploadRow> UploadsOf(long node)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.UploadColumns} FROM upload WHERE node=$1", Rows.Upload, node);
    }

    /// <summary>Multipart uploads to a key.</summary>
    public IReadOnlyList<UploadRow> UploadsTo(long drive, string key)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.UploadColumns} FROM upload WHERE drive=$1 AND key=$2", Rows.Upload, drive, key);
    }

    /// <summary>Writes to keys with a prefix whose result is not known.</summary>
    public IReadOnlyList<UploadRow> WritesBelow(long drive, string prefix)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.UploadColumns} FROM upload WHERE drive=$1 AND key>=$2 AND key<$3 AND phase=5", Rows.Upload, drive, prefix, prefix + char.ConvertFromUtf32(0x10FFFF));
        }
    }

    /// <summary>All multipart uploads of a drive that the journal knows.</summary>
    public IReadOnlyList<UploadRow> Uploads(long drive)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.UploadColumns} FROM upload WHERE drive=$1 ORDER BY id", Rows.Upload, drive);
    }

    /// <summary>The checkpoint's parts, by number.</summary>
    public IReadOnlyList<PartRow> Parts(long upload)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.PartColumns} FROM part WHERE upload=$1 ORDER BY number", Rows.Part, upload);
    }

    /// <summary>Nodes that are not at rest (pending, open, or with a problem), by id, a page after <paramref name="after"/>.</summary>
    public IReadOnlyList<NodeRow> UnsettledNodes(long drive, long after, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.NodeColumns} FROM node WHERE id>$2 AND drive=$1 AND (pending=1 OR open IS NOT NULL OR problem<>0) ORDER BY id LIMIT $3",
                Rows.Node, drive, after, limit);
        }
    }

    /// <summary>Nodes of a drive that the user holds back, by id, a page after <paramref name="after"/>.</summary>
    public IReadOnlyList<NodeRow> HeldNodes(long drive, long after, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.NodeColumns} FROM node INDEXED BY node_held WHERE flags&2=2 AND drive=$1 AND id>$2 ORDER BY id LIMIT $3", Rows.Node, drive, after, limit);
        }
    }

    /// <summary>Counts of a drive, for the status page and for "is anything pending".</summary>
    public JournalCounts Counts(long drive)
    {
        lock (_lock)
        {
            long Count(string sql) => Convert.ToInt64(_sql.Scalar(sql, drive), CultureInfo.InvariantCulture);
            return new JournalCounts(
                Count("SELECT COUNT(*) FROM node WHERE pending=1 AND flags&2=0 AND drive=$1") + Count("SELECT COUNT(*) FROM node WHERE flags&2=2 AND pending=1 AND drive=$1"),
                Count("SELECT COUNT(*) FROM node WHERE open IS NOT NULL AND drive=$1"),
                Count("SELECT COUNT(*) FROM node WHERE problem<>0 AND drive=$1"),
                Count("SELECT COUNT(*) FROM doomed WHERE problem=0 AND drive=$1"),
                Count("SELECT COUNT(*) FROM doomed WHERE problem<>0 AND drive=$1"),
                Count("SELECT COUNT(*) FROM upload WHERE phase<4 AND drive=$1"));
        }
    }

    /// <summary>Nodes with a conflict.</summary>
    public IReadOnlyList<NodeRow> Conflicts(long drive)
    {
        lock (_lock) return _sql.Query($"SELECT {Rows.NodeColumns} FROM node WHERE problem=2 AND drive=$1", Rows.Node, drive);
    }

    /// <summary>Nodes of a drive whose local copy may be given back, longest unused first, after the first <paramref name="skip"/>:
    /// synced, not empty, nobody writing.</summary>
    public IReadOnlyList<NodeRow> Evictable(long drive, int skip, int limit)
    {
        lock (_lock)
        {
            return _sql.Query(
                $"SELECT {Rows.NodeColumns} FROM node WHERE content IS NOT NULL AND content=r_generation AND open IS NULL AND pending=0 " +
                "AND size>0 AND drive=$1 ORDER BY MAX(atime,mtime), id LIMIT $3 OFFSET $2",
                Rows.Node, drive, skip, limit);
        }
    }
}

/// <summary>Counts of a drive.</summary>
/// <param name="Pending">Nodes the planner has still to look at or work on.</param>
/// <param name="Open">Nodes being written, or interrupted.</param>
/// <param name="Problems">Nodes that need somebody.</param>
/// <param name="Deletes">Keys still to be deleted.</param>
/// <param name="FailedDeletes">Keys whose deletion needs somebody.</param>
/// <param name="Uploads">Multipart uploads in the journal.</param>
public sealed record JournalCounts(long Pending, long Open, long Problems, long Deletes, long FailedDeletes, long Uploads);
