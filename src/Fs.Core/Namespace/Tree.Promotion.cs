using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

internal sealed partial class Tree
{
    /// <summary>
    /// Puts nodes that so far stood only in the listing cache, and the directories above them, into the journal. The cache forgets
    /// them first; see <see cref="CacheStore"/>. Returns the directories to be marked as listed again, with <see cref="MarkListed"/>,
    /// once the mutation is committed.
    /// </summary>
    public IReadOnlyList<Node> PromoteNeedsLock(params IEnumerable<Node> nodes)
    {
        var missing = new List<Node>();
        var seen = new HashSet<long>();
        foreach (var node in nodes)
        {
            for (var at = node; at is not null && !at.InJournal && seen.Add(at.Id); at = at.Parent) missing.Add(at);
        }

        if (missing.Count == 0) return [];
        var rows = missing.ConvertAll(node => node.ToRow(Drive.Id));
        Cache.Take(rows);
        foreach (var node in missing) node.InJournal = true;
        var mutations = new Mutations();
        mutations.Add(writer =>
        {
            foreach (var row in rows) writer.PutNode(row);
        });
        var directories = missing.Select(node => node.Parent).OfType<Node>().Distinct().ToList();
        foreach (var directory in directories) mutations.Take(directory);
        mutations.Enqueue(Journal);
        return directories;
    }

    /// <summary>After the commit: what was taken from these directories is safe, so their listings count again. Where something more was taken
    /// meanwhile that is not committed, whoever took it marks them.</summary>
    public void MarkListed(IReadOnlyList<Node> directories)
    {
        if (directories.Count == 0) return;
        lock (Lock)
        {
            foreach (var directory in directories)
            {
                if (directory.ListedAt is { } at && IsWholeNeedsLock(directory)) Cache.MarkListed(directory.Id, at);
            }
        }
    }

    /// <summary>Whether all names that have left the cache's listing of a directory are in the committed journal: only then may the cache say
    /// that it is completely listed, or a kill would hide them.</summary>
    public bool IsWholeNeedsLock(Node directory) => directory.TakenSequence <= Journal.CommittedSequence;
}
