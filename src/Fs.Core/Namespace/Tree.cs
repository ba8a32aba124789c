using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// The nodes of a drive: those in memory, and through them the ones that only journal and cache hold. One lock guards all of it (see
/// <see cref="OpenFile"/> for the lock order). Methods that end in NeedsLock are called under <see cref="Lock"/>.
/// <para>Nobody keeps a <see cref="Node"/> beyond the lock without holding it in memory by an open file or a listing under way: it may
/// be unloaded (see .Unloading) and loaded again as another object. Keep its id.</para>
/// </summary>
internal sealed partial class Tree
{
    private readonly Dictionary<long, Node> _nodes = [];
    private readonly JournalReader _reader;
    private readonly TimeProvider _time;
    private readonly CoreOptions _options;
    private long _stamp;

    public Tree(JournalStore journal, JournalReader reader, CacheStore cache, DriveRow drive, CoreOptions options, TimeProvider time)
    {
        Journal = journal;
        _reader = reader;
        Cache = cache;
        Drive = drive;
        _options = options;
        _time = time;
        _crowdedAt = options.NodesInMemory;
        var row = reader.Node(drive.Root) ?? throw new JournalException($"the root of drive {drive.Id} is missing from journal.db; run syncagent doctor");
        Root = Node.FromRow(row, inJournal: true);
        Root.ListedAt = cache.ListedAt(Root.Id);
        _nodes.Add(Root.Id, Root);
    }

    public Lock Lock { get; } = new();

    public Node Root { get; }

    public JournalStore Journal { get; }

    public CacheStore Cache { get; }

    public DriveRow Drive { get; }

    /// <summary>A node by its id, from journal or cache when it is not in memory; null when there is none.</summary>
    public Node? FindNeedsLock(NodeId id)
    {
        var node = _nodes.GetValueOrDefault(id.Value) ?? LoadNeedsLock(id.Value);
        if (node is not null) TouchNeedsLock(node);
        return node;
    }

    /// <summary>A node that is in memory, or null: what is not has no state that its row does not say.</summary>
    public Node? LoadedNeedsLock(NodeId id) => _nodes.GetValueOrDefault(id.Value);

    /// <summary>A number greater than every one before.</summary>
    public long NextStampNeedsLock() => ++_stamp;

    public long NewId() => Journal.NewId();

    public long NowMilliseconds() => FsTime.NowMilliseconds(_time);

    /// <summary>Whether an absent name is known to be absent: the directory was listed, or made here and never confirmed.</summary>
    public static bool IsComplete(Node directory) =>
        directory.ListedAt is not null || (directory.InJournal && directory.Remote is null && directory.Parent is not null);

    /// <summary>The children of a directory, from journal and cache on first use.</summary>
    public Dictionary<string, Node> ChildrenNeedsLock(Node directory)
    {
        if (directory.Children is { } loaded) return loaded;
        var children = new Dictionary<string, Node>(StringComparer.Ordinal);
        directory.Children = children;
        foreach (var row in _reader.Children(directory.Id)) AttachNeedsLock(directory, Node.FromRow(row, inJournal: true));
        var outdated = new List<long>();
        Cache.VisitChildren(directory.Id, row =>
        {
            // The journal's row is the truth: the other was left by a kill between two commits.
            if (_nodes.ContainsKey(row.Id) || children.ContainsKey(row.Name)) outdated.Add(row.Id);
            else AttachNeedsLock(directory, Node.FromRow(row, inJournal: false));
        });
        if (outdated.Count > 0) Cache.Apply(outdated, []);
        return children;
    }

    /// <summary>The children by folded name, made on first use.</summary>
    public FoldedNames FoldedNeedsLock(Node directory) => directory.Folded ??= new FoldedNames(ChildrenNeedsLock(directory).Values);

    public void AttachNeedsLock(Node directory, Node child)
    {
        child.Parent = directory;
        directory.Children!.Add(child.Name, child);
        directory.Folded?.Add(child);
        if (child.IsDirectory) directory.Subdirectories++;
        _nodes[child.Id] = child;
        child.ShownOwner = ShownOwner(child);
        if (child.IsDirectory) child.ListedAt ??= Cache.ListedAt(child.Id);
        if (child.OpenGeneration is { } open && child.File is null) child.Size = InterruptedSize(open) ?? child.Size;
        NoticeCrowdNeedsLock();
    }

    /// <summary>Takes a name out of the tree; the node stays for those who have it open.</summary>
    public void DetachNeedsLock(Node child)
    {
        if (child.Parent?.Children?.Remove(child.Name) == true && child.IsDirectory) child.Parent.Subdirectories--;
        child.Parent?.Folded?.Remove(child);
        child.Parent?.Listing?.Touched.Add(child.Name);
        child.Parent = null;
        if (child.File is null) ForgetNeedsLock(child);
    }

    /// <summary>A node whose name was removed stays for those who still refer to it (the current directory of a program, an open FIFO)
    /// until they say that they do not.</summary>
    public void KeepRemovedNeedsLock(Node node) => _nodes[node.Id] = node;

    public void ForgetNeedsLock(Node node) => _nodes.Remove(node.Id);

    /// <summary>Key without the drive's prefix; null when the node or a directory above it has lost its name.</summary>
    public string? PathNeedsLock(Node node)
    {
        var names = new List<string>();
        var at = node;
        for (; at.Parent is { } parent; at = parent) names.Add(at.Name);
        if (at != Root) return null;
        names.Reverse();
        return KeyNames.ToKey(names, node.IsDirectory);
    }

    /// <summary>Object key that the node wants.</summary>
    public string? KeyNeedsLock(Node node) => PathNeedsLock(node) is { } path ? Drive.Prefix + path : null;

    /// <summary>All known nodes below a node, itself left out, each after its directory; loads what is not in memory.</summary>
    public IEnumerable<Node> BelowNeedsLock(Node top)
    {
        if (!top.IsDirectory) yield break;
        var stack = new Stack<Node>(ChildrenNeedsLock(top).Values);
        while (stack.TryPop(out var node))
        {
            yield return node;
            if (!node.IsDirectory) continue;
            foreach (var child in ChildrenNeedsLock(node).Values) stack.Push(child);
        }
    }

    // The way to a node: every directory above it with all its children.
    private Node? LoadNeedsLock(long id)
    {
        var above = new Stack<long>();
        for (var at = id; !_nodes.ContainsKey(at);)
        {
            if ((_reader.Node(at) ?? Cache.Node(at)) is not { } row || row.Drive != Drive.Id || row.Parent == 0) return null;
            at = row.Parent;
            above.Push(at);
        }

        while (above.TryPop(out var next))
        {
            if (!_nodes.TryGetValue(next, out var directory)) return null;
            ChildrenNeedsLock(directory);
        }

        return _nodes.GetValueOrDefault(id);
    }

    /// <summary>Length of a file as it is shown: that of what was written last, closed or not.</summary>
    public long SizeOf(NodeRow row) => (row.Open is { } open ? InterruptedSize(open) : null) ?? row.Size;

    private long? InterruptedSize(long generation)
    {
        if (_reader.Generation(generation) is not { } row) return null;
        var files = Journal.Files;
        if (!File.Exists(files.FileOf(row.Staging))) return null;
        return row.Base == BaseKind.None ? new FileInfo(files.FileOf(row.Staging)).Length : ExtentLog.Read(files.MapOf(row.Staging), row.BaseSize).Size;
    }
}
