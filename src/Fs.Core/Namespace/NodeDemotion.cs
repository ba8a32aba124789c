using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Moves nodes that are at rest, and of which nothing is local, from the journal to the cache: the journal stays as small as what is
/// pending or kept here. The cache has the row first and the journal's is the truth until it is gone; a kill in between leaves
/// both, and the cache's goes when its directory is loaded (<see cref="Tree.ChildrenNeedsLock"/>). Losing the cache costs what it costs for
/// every object of the bucket: a new listing, other inode numbers, and attributes that are learned again from the object.
/// </summary>
internal sealed class NodeDemotion(Tree tree, JournalReader rows)
{
    private const int RowsAtOnce = 1000;
    private const int NodesAtOnce = 64;

    /// <summary>Looks through all rows once, some at a time.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        long? after = 0;
        while (after is { } from && !cancellationToken.IsCancellationRequested)
        {
            (var found, after) = rows.DemotableNodes(tree.Drive.Id, from, RowsAtOnce);
            foreach (var page in found.Chunk(NodesAtOnce)) Demote(page);
        }
    }

    // Committed under the lock, so that nobody changes a node whose row is about to go. Rare, and off every hot path.
    private void Demote(NodeRow[] page)
    {
        lock (tree.Lock)
        {
            var moved = page.Where(MayGo).ToList();
            if (moved.Count == 0) return;
            tree.Cache.Apply([], [.. moved.Select(CurrentRow)]);
            tree.Journal.Commit(writer =>
            {
                foreach (var row in moved) writer.Demote(row.Id, row.Changed);
            });
            var kept = new List<long>();
            foreach (var row in moved)
            {
                if (rows.Node(row.Id) is not null) kept.Add(row.Id);
                else if (tree.LoadedNeedsLock(new NodeId(row.Id)) is { } node) node.InJournal = false;
            }

            if (kept.Count > 0) tree.Cache.Apply(kept, []);
        }
    }

    private bool MayGo(NodeRow row)
    {
        if (row.Remote!.Key != tree.Drive.Prefix + rows.Path(row.Id)) return false;
        return tree.LoadedNeedsLock(new NodeId(row.Id)) is not { } node
            || (node.InJournal && node.File is null && !node.IsDirty(row.Remote.Key) && node.ChangedSequence <= row.Changed);
    }

    // What is in memory may have an access time that no row has yet.
    private NodeRow CurrentRow(NodeRow row) => tree.LoadedNeedsLock(new NodeId(row.Id)) is { } node ? node.ToRow(row.Drive) : row;
}
