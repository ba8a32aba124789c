using System.Collections.Concurrent;
using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Tests.Doubles;

/// <summary>
/// A file system in memory with one lock, and with names that misbehave on purpose: reading "slow…" waits until the caller gives
/// up or <see cref="Thaw"/>; reading "later…" completes on another thread; opening "throw…" throws; writing "full…" has no space;
/// closing "unclosable…" fails.
/// </summary>
internal sealed partial class MemoryFileSystem : IFileSystem
{
    private const uint TopMode = 0x1FF;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, MemoryNode> _nodes = [];
    private readonly Dictionary<long, (MemoryNode Node, OpenFlags Flags, string Name)> _handles = [];
    private readonly TaskCompletionSource _thaw = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly MemoryNode _root;
    private long _lastNode = 41;
    private long _lastHandle = 1000;

    public MemoryFileSystem()
    {
        _root = NewNode(NodeKind.Directory, TopMode, new OpContext());
        _root.Parent = _root.Id;
        _root.Links = 2;
    }

    public event Action<FsInvalidation>? Invalidated;

    public NodeId Root => _root.Id;

    /// <summary>Calls worth counting, in order.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Signalled when a read of "slow…" begins.</summary>
    public SemaphoreSlim SlowReadBegan { get; } = new(0);

    /// <summary>Signalled when a call on "slow…" saw that its caller gave up.</summary>
    public SemaphoreSlim SlowReadInterrupted { get; } = new(0);

    /// <summary>Signalled with each release.</summary>
    public SemaphoreSlim ReleaseSeen { get; } = new(0);

    public int OpenHandleCount
    {
        get
        {
            lock (_lock) return _handles.Count;
        }
    }

    public bool HasListener => Invalidated is not null;

    /// <summary>Lets reads of "slow…" go on.</summary>
    public void Thaw() => _thaw.TrySetResult();

    /// <summary>A change from outside: the content, with the kernel told or not.</summary>
    public void ChangeOutside(string name, byte[] content, bool announce)
    {
        NodeId id;
        lock (_lock)
        {
            var node = _root.Children[name];
            node.Resize(0);
            node.Write(0, content);
            node.HasOldPages = announce;
            id = node.Id;
        }

        if (announce) Invalidated?.Invoke(new FsInvalidation(id, null));
    }

    /// <summary>A file that appears from outside.</summary>
    public void AddOutside(string name, byte[] content)
    {
        lock (_lock) Add(_root, name, NewNode(NodeKind.File, 0x1A4, new OpContext())).Write(0, content);
        Invalidated?.Invoke(new FsInvalidation(Root, name));
    }

    /// <summary>A file that disappears from outside.</summary>
    public void RemoveOutside(string name)
    {
        lock (_lock) _root.Children.Remove(name);
        Invalidated?.Invoke(new FsInvalidation(Root, name));
    }

    public void Announce(FsInvalidation change) => Invalidated?.Invoke(change);

    public byte[] Content(string name)
    {
        lock (_lock)
        {
            var node = _root.Children[name];
            var bytes = new byte[node.Length];
            node.Read(0, bytes);
            return bytes;
        }
    }

    public NodeAttributes Attributes(string name)
    {
        lock (_lock) return _root.Children[name].ToAttributes();
    }

    public void SetAttribute(string name, string attribute, byte[] value)
    {
        lock (_lock) _root.Children[name].Attributes[attribute] = value;
    }

    private MemoryNode NewNode(NodeKind kind, uint mode, OpContext context, string target = "")
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
        var node = new MemoryNode(new NodeId(++_lastNode), kind, mode)
        {
            Uid = context.Uid,
            Gid = context.Gid,
            AccessTime = now,
            ModifyTime = now,
            ChangeTime = now,
            Target = target,
        };
        _nodes[node.Id.Value] = node;
        return node;
    }

    private static MemoryNode Add(MemoryNode parent, string name, MemoryNode node)
    {
        parent.Children.Add(name, node);
        node.Parent = parent.Id;
        return node;
    }

    private OpenedFile NewHandle(MemoryNode node, OpenFlags flags, string name)
    {
        var handle = new HandleId(++_lastHandle);
        _handles[handle.Value] = (node, flags, name);
        var keepsPages = !node.HasOldPages;
        node.HasOldPages = false;
        return new OpenedFile(handle, node.ToAttributes(), keepsPages);
    }

    private FsError? Child(NodeId parent, string name, out MemoryNode directory, out MemoryNode child)
    {
        child = null!;
        if (!_nodes.TryGetValue(parent.Value, out directory!)) return FsError.NotFound;
        if (directory.Kind != NodeKind.Directory) return FsError.NotDirectory;
        return directory.Children.TryGetValue(name, out child!) ? null : FsError.NotFound;
    }

    private FsResult<NodeAttributes> Make(NodeId parent, string name, Func<MemoryNode> make)
    {
        lock (_lock)
        {
            var error = Child(parent, name, out var directory, out _);
            if (error is null) return FsError.Exists;
            if (error.Kind != FsErrorKind.NotFound || directory is null) return error;
            return Add(directory, name, make()).ToAttributes();
        }
    }
}
