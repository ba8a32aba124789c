using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <summary>The rules may have changed since the last mount: what they no longer name is sent. What they name now and the bucket holds
    /// already stays as it is. Before the tree reads any row.</summary>
    private static void ReadmitIgnored(JournalStore journal, JournalReader rows, DriveRow drive, IgnoreList ignore, long due)
    {
        foreach (var row in rows.IgnoredNodes(drive.Id))
        {
            if (rows.Path(row.Id) is { } path && ignore.Matches(path, row.Type == NodeType.Directory)) continue;
            journal.Enqueue(writer => writer.SetIgnored(row.Id, ignored: false, due));
        }

        journal.WaitCommitted(journal.EnqueuedSequence);
    }

    /// <summary>Whether a new name stays on this machine.</summary>
    private bool IsIgnoredNeedsLock(Node directory, string name, NodeType type) =>
        _ignore.Matches(_tree.PathNeedsLock(directory) + name, type == NodeType.Directory);

    /// <summary>Names have changed: whatever the bucket holds nothing of is ignored or not by its new name, with all below it.</summary>
    private void ReconsiderIgnoredNeedsLock(IEnumerable<Node> moved, Mutations mutations, long due)
    {
        foreach (var node in moved.SelectMany(top => _tree.BelowNeedsLock(top).Prepend(top)).Where(node => node.Remote is null))
        {
            var ignored = _tree.PathNeedsLock(node) is { } path && _ignore.Matches(path, node.IsDirectory);
            if (ignored == node.IsIgnored) continue;
            node.IsIgnored = ignored;
            var id = node.Id;
            mutations.Add(node, writer => writer.SetIgnored(id, ignored, due));
        }
    }
}
