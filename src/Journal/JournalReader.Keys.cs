using SyncAgent.Journal.Sql;

namespace SyncAgent.Journal;

public sealed partial class JournalReader
{
    /// <summary>Key of a node without the drive's prefix (see <see cref="KeyNames.ToKey"/>): a directory's ends in "/", the root's is
    /// empty. Null when the node or an ancestor is gone.</summary>
    public string? Path(long node)
    {
        lock (_lock) return Names(node, out var directory) is { } names ? KeyNames.ToKey(names, directory) : null;
    }

    /// <summary>A node's path in the drive as users see it: names joined with "/", the root's empty. Null when the node or an ancestor
    /// is gone.</summary>
    public string? ShownPath(long node)
    {
        lock (_lock) return Names(node, out _) is { } names ? string.Join('/', names) : null;
    }

    /// <summary>The newest change of the user's to a node or to a folder above it: no key that follows from them is older. 0 when the node is
    /// gone.</summary>
    public long NewestChangeAbove(long node)
    {
        lock (_lock)
        {
            return _sql.Scalar(
                "WITH RECURSIVE above(id,parent,changed) AS (SELECT id,parent,changed FROM node WHERE id=$1 " +
                "UNION ALL SELECT n.id,n.parent,n.changed FROM node n JOIN above a ON n.id=a.parent) SELECT MAX(changed) FROM above",
                node) as long? ?? 0;
        }
    }

    /// <summary>The live node that wants a key, or null.</summary>
    /// <param name="root">The drive's root.</param>
    /// <param name="key">Key without the drive's prefix.</param>
    public NodeRow? NodeAtKey(long root, string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        lock (_lock)
        {
            if (key.Length == 0) return FindNode(root);
            var segments = KeyNames.Segments(key);
            var at = root;
            foreach (var segment in segments.AsSpan(0, segments.Length - 1))
            {
                if (FindChild(at, KeyNames.ToName(segment)) is not { Type: NodeType.Directory } directory) return null;
                at = directory.Id;
            }

            var found = FindChild(at, KeyNames.ToName(segments[^1]));
            if (key.EndsWith('/')) return found is { Type: NodeType.Directory } ? found : null;
            return found is { Type: not NodeType.Directory } ? found : FindChild(at, KeyNames.ToNameBesideFolder(segments[^1]));
        }
    }

    private NodeRow? FindNode(long id) => _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE id=$1", Rows.Node, id);

    private NodeRow? FindChild(long parent, string name) =>
        _sql.QuerySingle($"SELECT {Rows.NodeColumns} FROM node WHERE parent=$1 AND name=$2", Rows.Node, parent, name);

    // From below the root down to the node.
    private List<string>? Names(long node, out bool directory)
    {
        var names = new List<string>();
        directory = false;
        for (var id = node; ;)
        {
            var row = _sql.QuerySingle(
                "SELECT parent,name,type FROM node WHERE id=$1", r => new PathStep(r.GetInt64(0), r.GetString(1), r.GetInt32(2)), id);
            if (row is null) return null;
            if (id == node) directory = row.Type == (int)NodeType.Directory;
            if (row.Parent == 0) break;
            names.Add(row.Name);
            id = row.Parent;
        }

        names.Reverse();
        return names;
    }

    private sealed record PathStep(long Parent, string Name, int Type);
}
