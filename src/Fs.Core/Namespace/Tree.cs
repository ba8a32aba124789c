using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// The nodes in memory. One lock guards all of it (see <see cref="OpenFile"/> for the lock order). Methods that end in NeedsLock
/// are called under <see cref="Lock"/>.
/// </summary>
internal sealed partial class Tree
{
    private readonly Dictionary<long, Node> _nodes = [];
    private readonly JournalStore _journal;
    private readonly JournalReader _reader;
    private readonly CacheStore _cache;
    private readonly DriveRow _drive;
    private readonly TimeProvider _time;
    private long _stamp;

    public Tree(JournalStore journal, JournalReader reader, CacheStore cache, DriveRow drive, TimeProvider time)
    {
        _journal = journal;
        _reader = reader;
        _cache = cache;
        _drive = drive;
        _time = time;
        var row = reader.Node(drive.Root) ?? throw new JournalException($"the root of drive {drive.Id} is missing from journal.db; run syncagent doctor");
        Root = Node.FromRow(row, inJournal: true);
        Root.ListedAt = cache.ListedAt(Root.Id);
        _nodes.Add(Root.Id, Root);
    }

    public Lock Lock { get; } = new();

    public Node Root { get; }

    public Node? FindNeedsLock(NodeId id) => _nodes.GetValueOrDefault(id.Value);

    /// <summary>A number greater than every one before.</summary>
    public long NextStampNeedsLock() => ++_stamp;

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
        foreach (var row in _cache.Children(directory.Id))
        {
            if (!_nodes.ContainsKey(row.Id) && !children.ContainsKey(row.Name)) AttachNeedsLock(directory, Node.FromRow(row, inJournal: false));
        }

        return children;
    }

    public void AttachNeedsLock(Node directory, Node child)
    {
        child.Parent = directory;
        directory.Children!.Add(child.Name, child);
        _nodes[child.Id] = child;
        if (child.IsDirectory) child.ListedAt ??= _cache.ListedAt(child.Id);
        if (child.OpenGeneration is { } open && child.File is null) child.Size = InterruptedSize(open) ?? child.Size;
    }

    /// <summary>Takes a name out of the tree; the node stays for those who have it open.</summary>
    public void DetachNeedsLock(Node child)
    {
        child.Parent?.Children?.Remove(child.Name);
        child.Parent?.Listing?.Touched.Add(child.Name);
        child.Parent = null;
        if (child.File is null) ForgetNeedsLock(child);
    }

    public void ForgetNeedsLock(Node node) => _nodes.Remove(node.Id);

    /// <summary>Key without the drive's prefix; null when the node or a directory above it has lost its name.</summary>
    public string? PathNeedsLock(Node node)
    {
        var names = new List<string>();
        var at = node;
        for (; at.Parent is { } parent; at = parent) names.Add(at.Name);
        if (at != Root) return null;
        names.Reverse();
        return string.Join('/', names) + (node.IsDirectory && node != Root ? "/" : "");
    }

    /// <summary>Object key that the node wants.</summary>
    public string? KeyNeedsLock(Node node) => PathNeedsLock(node) is { } path ? _drive.Prefix + path : null;

    /// <summary>All nodes below a directory that are in memory, itself left out.</summary>
    public static IEnumerable<Node> Below(Node directory)
    {
        var stack = new Stack<Node>(directory.Children?.Values ?? Enumerable.Empty<Node>());
        while (stack.TryPop(out var node))
        {
            yield return node;
            if (node.Children is null) continue;
            foreach (var child in node.Children.Values) stack.Push(child);
        }
    }

    /// <summary>Loads the way to a node that is in the journal; null when it is gone.</summary>
    public Node? LoadNeedsLock(long id)
    {
        if (_nodes.TryGetValue(id, out var known)) return known;
        var chain = new Stack<long>();
        for (var at = id; !_nodes.ContainsKey(at);)
        {
            if (_reader.Node(at) is not { } row || row.Drive != _drive.Id || row.Parent == 0) return null;
            chain.Push(at);
            at = row.Parent;
        }

        while (chain.TryPop(out var next))
        {
            if (_reader.Node(next) is not { } row || !_nodes.TryGetValue(row.Parent, out var parent)) return null;
            ChildrenNeedsLock(parent);
        }

        return _nodes.GetValueOrDefault(id);
    }

    private long? InterruptedSize(long generation)
    {
        if (_reader.Generation(generation) is not { } row) return null;
        var files = _journal.Files;
        if (!File.Exists(files.FileOf(row.Staging))) return null;
        return row.Base == BaseKind.None ? new FileInfo(files.FileOf(row.Staging)).Length : ExtentLog.Read(files.MapOf(row.Staging), row.BaseSize).Size;
    }
}
