using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Linux.Tests.Doubles;

internal sealed partial class MemoryFileSystem
{
    public ValueTask<FsResult<NodeAttributes>> LookupAsync(OpContext context, NodeId parent, string name)
    {
        lock (_lock) return Child(parent, name, out _, out var child) is { } error ? new(error) : new(child.ToAttributes());
    }

    public ValueTask<FsResult<DirectoryEntry[]>> LookupFoldedAsync(OpContext context, NodeId parent, string name) =>
        throw new NotSupportedException("Linux does not ignore case");

    public FsResult<NodeAttributes> ReadEntry(NodeId directory, string name)
    {
        lock (_lock) return Child(directory, name, out _, out var child) is { } error ? error : child.ToAttributes();
    }

    public ValueTask<FsResult<NodeAttributes>> GetAttributesAsync(OpContext context, NodeId node, HandleId? handle)
    {
        lock (_lock) return _nodes.TryGetValue(node.Value, out var found) ? new(found.ToAttributes()) : new(FsError.NotFound);
    }

    public ValueTask<FsResult<NodeAttributes>> SetAttributesAsync(
        OpContext context, NodeId node, HandleId? handle, AttributeChanges changes)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(node.Value, out var found)) return new(FsError.NotFound);
            if (changes.Size is { } size) found.Resize(size);
            if (changes.ClearSetId) found.ClearSetId();
            found.Mode = changes.Mode ?? found.Mode;
            found.Uid = changes.Uid ?? found.Uid;
            found.Gid = changes.Gid ?? found.Gid;
            var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1_000_000;
            found.AccessTime = changes.AccessTimeNow ? now : changes.AccessTime ?? found.AccessTime;
            found.ModifyTime = changes.ModifyTimeNow || changes.Size is not null ? now : changes.ModifyTime ?? found.ModifyTime;
            return new(found.ToAttributes());
        }
    }

    public ValueTask<FsResult<NodeAttributes>> MakeNodeAsync(OpContext context, NodeId parent, string name, NodeKind kind, uint mode) =>
        new(Make(parent, name, () => NewNode(kind, mode, context)));

    public ValueTask<FsResult<NodeAttributes>> MakeDirectoryAsync(OpContext context, NodeId parent, string name, uint mode) =>
        new(Make(parent, name, () =>
        {
            var node = NewNode(NodeKind.Directory, mode, context);
            node.Links = 2;
            return node;
        }));

    public ValueTask<FsResult<NodeAttributes>> MakeSymlinkAsync(OpContext context, NodeId parent, string name, string target) =>
        new(Make(parent, name, () => NewNode(NodeKind.Symlink, 0x1FF, context, target)));

    public ValueTask<FsResult<string>> ReadSymlinkAsync(OpContext context, NodeId node)
    {
        lock (_lock)
        {
            return _nodes.TryGetValue(node.Value, out var found) && found.Kind == NodeKind.Symlink
                ? new(found.Target)
                : new(FsError.InvalidArgument);
        }
    }

    public ValueTask<FsResult<Nothing>> RemoveDirectoryAsync(OpContext context, NodeId parent, string name)
    {
        lock (_lock)
        {
            if (Child(parent, name, out var directory, out var child) is { } error) return new(error);
            if (child.Kind != NodeKind.Directory) return new(FsError.NotDirectory);
            if (child.Children.Count > 0) return new(FsError.NotEmpty);
            directory.Children.Remove(name);
            child.Links = 0;
            return new(default(Nothing));
        }
    }

    public ValueTask<FsResult<Nothing>> UnlinkAsync(OpContext context, NodeId parent, string name)
    {
        lock (_lock)
        {
            if (Child(parent, name, out var directory, out var child) is { } error) return new(error);
            if (child.Kind == NodeKind.Directory) return new(FsError.IsDirectory);
            directory.Children.Remove(name);
            child.Links = 0;
            Calls.Enqueue($"unlink {name}");
            return new(default(Nothing));
        }
    }

    public ValueTask<FsResult<Nothing>> RenameAsync(
        OpContext context, NodeId parent, string name, NodeId newParent, string newName, RenameMode mode)
    {
        lock (_lock)
        {
            if (Child(parent, name, out var from, out var node) is { } error) return new(error);
            var targetError = Child(newParent, newName, out var to, out var target);
            if (to is null || targetError?.Kind == FsErrorKind.NotDirectory) return new(targetError!);
            if (mode == RenameMode.NoReplace && targetError is null) return new(FsError.Exists);
            if (mode == RenameMode.Exchange && targetError is not null) return new(targetError);
            if (mode != RenameMode.Exchange && targetError is null && target.Children.Count > 0) return new(FsError.NotEmpty);
            from.Children.Remove(name);
            to.Children.Remove(newName);
            Add(to, newName, node);
            if (mode == RenameMode.Exchange) Add(from, name, target);
            return new(default(Nothing));
        }
    }

    public ValueTask<FsResult<DirectorySnapshot>> OpenDirectoryAsync(OpContext context, NodeId node)
    {
        lock (_lock)
        {
            if (!_nodes.TryGetValue(node.Value, out var found)) return new(FsError.NotFound);
            var entries = found.Children.Select(pair => new DirectoryEntry(pair.Key, pair.Value.ToAttributes().Id, pair.Value.ToAttributes().Kind)).ToList();
            Calls.Enqueue("opendir");
            return new(new DirectorySnapshot(found.ToAttributes(), found.Parent, entries));
        }
    }

    public ValueTask<FsResult<Nothing>> SyncDirectoryAsync(OpContext context, NodeId node)
    {
        Calls.Enqueue("syncdir");
        return new(default(Nothing));
    }

    public ValueTask<FsResult<VolumeStatistics>> GetStatisticsAsync(OpContext context) =>
        new(new VolumeStatistics(TotalBytes: 1L << 40, FreeBytes: 1L << 39, TotalNodes: 1_000_000, FreeNodes: 900_000, MaxNameBytes: 255));

    public ValueTask<FsResult<byte[]>> GetExtendedAttributeAsync(OpContext context, NodeId node, string name)
    {
        lock (_lock)
            return _nodes[node.Value].Attributes.TryGetValue(name, out var value) ? new(value) : new(FsError.NoAttribute);
    }

    public ValueTask<FsResult<IReadOnlyList<string>>> ListExtendedAttributesAsync(OpContext context, NodeId node)
    {
        lock (_lock) return new(new FsResult<IReadOnlyList<string>>[] { _nodes[node.Value].Attributes.Keys.ToList() }[0]);
    }

    public ValueTask<FsResult<Nothing>> SetExtendedAttributeAsync(
        OpContext context, NodeId node, string name, ReadOnlyMemory<byte> value, ExtendedAttributeMode mode)
    {
        lock (_lock)
        {
            Calls.Enqueue($"setxattr {name} {mode}");
            _nodes[node.Value].Attributes[name] = value.ToArray();
            return new(default(Nothing));
        }
    }

    public ValueTask<FsResult<Nothing>> RemoveExtendedAttributeAsync(OpContext context, NodeId node, string name)
    {
        lock (_lock) return _nodes[node.Value].Attributes.Remove(name) ? new(default(Nothing)) : new(FsError.NoAttribute);
    }

    public void Forget(NodeId node, ulong count) => Interlocked.Add(ref _forgotten, (long)count);

    private long _forgotten;

    public long Forgotten => Interlocked.Read(ref _forgotten);
}
