namespace SyncAgent.Fs.Core;

/// <summary>
/// Keeps the tree small. Every node stands in the journal or the cache under an id that is never reused, so what the kernel still
/// refers to by id can be loaded again, and FORGET need not be counted (docs/decisions/0006-unloading.md). Unloaded are the children of a
/// directory, all together, longest unused first; never what somebody has open, what is being listed, or what has a change that is not
/// committed: a row that is read again would be too old.
/// </summary>
internal sealed partial class Tree
{
    private int _crowdedAt;
    private long _uses;

    /// <summary>Called under the lock, once, when more nodes are in memory than there should be; again after
    /// <see cref="UnloadNeedsLock"/>. Must not block.</summary>
    public Action Crowded { get; set; } = static () => { };

    /// <summary>Nodes in memory.</summary>
    public int CountNeedsLock => _nodes.Count;

    /// <summary>Says that a node is in use, or has just been changed.</summary>
    public void TouchNeedsLock(Node node)
    {
        var directory = node.IsDirectory ? node : node.Parent;
        if (directory is not null) directory.LastUse = ++_uses;
    }

    /// <summary>A mark for <see cref="UnloadNeedsLock"/>: what is used later stays.</summary>
    public long UsesNeedsLock => _uses;

    /// <summary>Unloads what was not used after a mark, longest unused first, until an eighth of the room is free again. All that was
    /// enqueued up to the mark is committed.</summary>
    public void UnloadNeedsLock(long upTo)
    {
        var room = _options.NodesInMemory - (_options.NodesInMemory / 8);
        var directories = new List<(Node Node, long LastUse)>();
        Collect(Root, directories);

        // Stable: a directory comes after those below it, whose uses are its own.
        foreach (var (directory, lastUse) in directories.OrderBy(found => found.LastUse))
        {
            if (_nodes.Count <= room || lastUse > upTo) break;
            if (directory.Listing is not null || directory.Children!.Values.Any(IsHeld)) continue;
            foreach (var child in directory.Children.Values) _nodes.Remove(child.Id);
            directory.Children = null;
        }

        _crowdedAt = Math.Max(_options.NodesInMemory, _nodes.Count + (_options.NodesInMemory / 8));
    }

    private static bool IsHeld(Node child) => child.File is not null || child.Listing is not null || child.Children is not null;

    // Directories with loaded children, each after those below it. Returns when anything at or below was used last. No recursion:
    // a bucket decides how deep it is.
    private static void Collect(Node root, List<(Node Node, long LastUse)> found)
    {
        var lastUse = new Dictionary<Node, long>();
        var stack = new Stack<(Node Node, bool Below)>([(root, false)]);
        while (stack.TryPop(out var at))
        {
            if (at.Node.Children is not { } children)
            {
                lastUse[at.Node] = at.Node.LastUse;
            }
            else if (!at.Below)
            {
                stack.Push((at.Node, true));
                foreach (var child in children.Values)
                {
                    if (child.IsDirectory) stack.Push((child, false));
                }
            }
            else
            {
                var last = at.Node.LastUse;
                foreach (var child in children.Values)
                {
                    if (child.IsDirectory) last = Math.Max(last, lastUse[child]);
                }

                lastUse[at.Node] = last;
                found.Add((at.Node, last));
            }
        }
    }

    private void NoticeCrowdNeedsLock()
    {
        if (_nodes.Count <= _crowdedAt) return;
        _crowdedAt = int.MaxValue;
        Crowded();
    }
}
