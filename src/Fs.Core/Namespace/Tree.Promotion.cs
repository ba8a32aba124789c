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
        Journal.Enqueue(writer =>
        {
            foreach (var row in rows) writer.PutNode(row);
        });
        return missing.Select(node => node.Parent).OfType<Node>().Where(parent => parent.ListedAt is not null).Distinct().ToList();
    }

    /// <summary>After the commit: what was taken from these directories is safe, so their listings count again.</summary>
    public void MarkListed(IReadOnlyList<Node> directories)
    {
        foreach (var directory in directories)
        {
            if (directory.ListedAt is { } at) Cache.MarkListed(directory.Id, at);
        }
    }
}
