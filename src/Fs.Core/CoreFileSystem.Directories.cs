using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    private const uint SetGroupIdBit = 0b010_000_000_000;

    /// <inheritdoc/>
    public async ValueTask<FsResult<NodeAttributes>> MakeDirectoryAsync(OpContext context, NodeId parent, string name, uint mode)
    {
        var made = await MakeNodeAsync(context, parent, name, NodeType.Directory, mode, null);
        return made.Error ?? (FsResult<NodeAttributes>)made.Value.Attributes();
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> RemoveDirectoryAsync(OpContext context, NodeId parent, string name)
    {
        if (Refusal() is { } refused) return refused;
        while (true)
        {
            Node unlisted;
            IReadOnlyList<Node> promoted;
            long sequence;
            lock (_tree.Lock)
            {
                var found = FindChildNeedsLock(parent, name);
                if (found.Error is { } missing)
                {
                    if (UnlistedNeedsLock(parent, missing) is not { } above) return missing;
                    unlisted = above;
                }
                else
                {
                    var directory = found.Value;
                    if (!directory.IsDirectory) return FsError.NotDirectory;
                    if (_tree.ChildrenNeedsLock(directory).Count > 0) return FsError.NotEmpty;
                    if (Tree.IsComplete(directory))
                    {
                        sequence = RemoveNeedsLock(directory, out promoted);
                        goto remove;
                    }

                    unlisted = directory;
                }
            }

            if (await _lister.ListAsync(unlisted, context.Cancellation) is { } error) return error;
            continue;
        remove:
            if (Committed(sequence) is { } failed) return failed;
            _tree.MarkListed(promoted);
            return default(Nothing);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<DirectorySnapshot>> OpenDirectoryAsync(OpContext context, NodeId node)
    {
        Node? directory;
        bool complete;
        bool stale;
        lock (_tree.Lock)
        {
            directory = _tree.FindNeedsLock(node);
            if (directory is null) return FsError.NotFound;
            if (!directory.IsDirectory) return FsError.NotDirectory;
            var removed = directory.Parent is null && !directory.IsRoot;
            complete = removed || Tree.IsComplete(directory);
            stale = !removed && directory.ListedAt is { } at && directory.Remote is not null | directory.Parent is null
                && NowMilliseconds() - at >= (long)_options.ListingAge.TotalMilliseconds;
        }

        if (!complete || stale)
        {
            // A listing that fails is no reason to hide what is known; one that was never made is.
            var error = await _lister.ListAsync(directory, context.Cancellation, isKnown: complete);
            if (error is not null && (!complete || error.Kind == FsErrorKind.Interrupted)) return error;
        }

        lock (_tree.Lock)
        {
            directory = _tree.FindNeedsLock(node); // what was found before may have been unloaded
            if (directory is null) return FsError.NotFound;
            NoteAccess(directory);
            var children = _tree.ChildrenNeedsLock(directory);
            var entries = new List<DirectoryEntry>(children.Count);
            foreach (var child in children.Values) entries.Add(new DirectoryEntry(child.Name, new NodeId(child.Id), (NodeKind)child.Type));
            return new DirectorySnapshot(directory.Attributes(), new NodeId((directory.Parent ?? directory).Id), entries);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> SyncDirectoryAsync(OpContext context, NodeId node) => await MakeDurableAsync(context);

    /// <summary>Makes a node that is published by itself (directory, link), and waits until it survives a kill.</summary>
    private async Task<FsResult<Node>> MakeNodeAsync(OpContext context, NodeId parent, string name, NodeType type, uint mode, string? target)
    {
        if (RefusalOfName() is { } refused) return refused;
        var found = await LookupAsync(context, parent, name);
        if (found.Error is null) return FsError.Exists;
        if (found.Error.Kind != FsErrorKind.NotFound) return found.Error;
        FsResult<Node> made;
        IReadOnlyList<Node> promoted;
        lock (_tree.Lock)
        {
            made = MakeNeedsLock(context, parent, name, type, mode, target, out promoted, out var birth);
            if (made.Error is not null) return made;
            birth.Enqueue(_journal);
        }

        if (Committed(_journal.EnqueuedSequence) is { } failed) return failed;
        _tree.MarkListed(type == NodeType.Directory ? [.. promoted, made.Value] : promoted);
        return made;
    }

    /// <param name="birth">What the journal must learn, to be enqueued under the same lock: with a file, together with its first generation,
    /// without which it would be a name for nothing.</param>
    private FsResult<Node> MakeNeedsLock(
        OpContext context, NodeId parent, string name, NodeType type, uint mode, string? target, out IReadOnlyList<Node> promoted, out Mutations birth)
    {
        promoted = [];
        birth = new Mutations();
        var directory = _tree.FindNeedsLock(parent);
        if (directory is null || directory.Parent is null && directory != _tree.Root) return FsError.NotFound;
        if (!directory.IsDirectory) return FsError.NotDirectory;
        if (_tree.ChildrenNeedsLock(directory).ContainsKey(name)) return FsError.Exists;
        if (_tree.CheckPlaceNeedsLock(directory, name, type == NodeType.Directory) is { } bad) return bad;
        if (Names.CheckKey($"{_tree.KeyNeedsLock(directory)}{KeyNames.ToSegment(name)}/") is { } tooLong) return tooLong;
        promoted = _tree.PromoteNeedsLock(directory);
        var now = FsTime.Now(_time);
        var inherits = (directory.Mode & SetGroupIdBit) != 0;
        var node = new Node(_journal.NewId(), type)
        {
            Name = name,
            Mode = inherits && type == NodeType.Directory ? mode | SetGroupIdBit : mode,
            Uid = context.Uid,
            Gid = inherits ? directory.Gid : context.Gid,
            AccessTime = now,
            ModifyTime = now,
            ChangeTime = now,
            Target = target,
            Size = target is null ? 0 : System.Text.Encoding.UTF8.GetByteCount(target),
            AttributeVersion = 1,
            InJournal = true,
            IsIgnored = IsIgnoredNeedsLock(directory, name, type),
            Children = type == NodeType.Directory ? new Dictionary<string, Node>(StringComparer.Ordinal) : null,
            ListedAt = type == NodeType.Directory ? NowMilliseconds() : null,
        };
        _tree.AttachNeedsLock(directory, node);
        directory.Listing?.Touched.Add(name);
        var pending = type != NodeType.File;
        var row = node.ToRow(_drive.Id) with { Pending = pending && !node.IsIgnored, Due = _services.Due() };
        if (pending) birth.Add(node, writer => writer.PutNode(row));
        else birth.Add(writer => writer.PutNode(row));
        TouchNeedsLock(directory, birth, now);
        return node;
    }

    // A directory's times change with its names; they are kept, but the bucket is not told for that alone.
    private void TouchNeedsLock(Node directory, Mutations mutations, long now)
    {
        directory.ModifyTime = now;
        directory.ChangeTime = now;
        var id = directory.Id;
        if (directory.InJournal) mutations.Add(writer => writer.TouchDirectory(id, now));
        else _cache.Apply([], [directory.ToRow(_drive.Id)]);
    }

    private FsResult<Node> FindChildNeedsLock(NodeId parent, string name)
    {
        if (Names.Check(name) is { } bad) return bad;
        var directory = _tree.FindNeedsLock(parent);
        if (directory is null) return FsError.NotFound;
        if (!directory.IsDirectory) return FsError.NotDirectory;
        return _tree.ChildrenNeedsLock(directory).TryGetValue(name, out var child) ? child : FsError.NotFound;
    }

    private Node? UnlistedNeedsLock(NodeId parent, FsError error) =>
        error.Kind == FsErrorKind.NotFound && _tree.FindNeedsLock(parent) is { IsDirectory: true } directory && !Tree.IsComplete(directory)
            ? directory
            : null;
}
