using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <inheritdoc/>
    public async ValueTask<FsResult<NodeAttributes>> MakeSymlinkAsync(OpContext context, NodeId parent, string name, string target)
    {
        const uint LinkMode = 0b111_111_111;
        var made = await MakeNodeAsync(context, parent, name, NodeType.Symlink, LinkMode, target);
        return made.Error ?? (FsResult<NodeAttributes>)made.Value.Attributes();
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> UnlinkAsync(OpContext context, NodeId parent, string name)
    {
        if (Refusal() is { } refused) return refused;
        if (await FindErrorAsync(context, parent, name) is { } missing) return missing;
        IReadOnlyList<Node> promoted;
        long sequence;
        lock (_tree.Lock)
        {
            var child = FindChildNeedsLock(parent, name);
            if (child.Error is { } gone) return gone;
            if (child.Value.IsDirectory) return FsError.IsDirectory;
            sequence = RemoveNeedsLock(child.Value, out promoted);
        }

        if (Committed(sequence) is { } failed) return failed;
        _tree.MarkListed(promoted);
        return default(Nothing);
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> RenameAsync(
        OpContext context, NodeId parent, string name, NodeId newParent, string newName, RenameMode mode)
    {
        if (RefusalOfName() is { } refused) return refused;
        while (true)
        {
            FsResult<RenamePlan> plan;
            IReadOnlyList<Node> promoted = [];
            long sequence = 0;
            lock (_tree.Lock)
            {
                plan = PlanRenameNeedsLock(parent, name, newParent, newName, mode);
                if (plan.Error is { } error) return error;
                if (plan.Value.Nothing) return default(Nothing);
                if (plan.Value.Unlisted is null) sequence = RenameNeedsLock(plan.Value, newName, out promoted);
            }

            if (plan.Value.Unlisted is { } unlisted)
            {
                if (await _lister.ListBelowAsync(unlisted, context.Cancellation) is { } error) return error;
                continue;
            }

            if (Committed(sequence) is { } failed) return failed;
            _tree.MarkListed(promoted);
            _moved.Add(plan.Value.Node!.Id);
            if (plan.Value.Exchange) _moved.Add(plan.Value.Replaced!.Id);
            if (_pins.Pins.Paths.Count > 0) ReloadPins();
            return default(Nothing);
        }
    }

    private FsResult<RenamePlan> PlanRenameNeedsLock(NodeId parent, string name, NodeId newParent, string newName, RenameMode mode)
    {
        var source = FindChildNeedsLock(parent, name);
        if (source.Error is { } missing)
        {
            return UnlistedNeedsLock(parent, missing) is { } unlisted ? new RenamePlan { Unlisted = unlisted } : missing;
        }

        var target = FindChildNeedsLock(newParent, newName);
        var known = target.Error is null;
        if (!known && target.Error!.Kind != FsErrorKind.NotFound) return target.Error;
        if (!known && UnlistedNeedsLock(newParent, target.Error!) is { } above) return new RenamePlan { Unlisted = above };
        var directory = _tree.FindNeedsLock(newParent);
        if (directory is null || (directory.Parent is null && directory != _tree.Root)) return FsError.NotFound;
        if (mode == RenameMode.Exchange && !known) return FsError.NotFound;
        if (mode == RenameMode.NoReplace && known) return FsError.Exists;
        var node = source.Value;
        if (known && target.Value == node) return new RenamePlan { Nothing = true };
        for (var at = directory; at is not null; at = at.Parent)
        {
            if (at == node) return FsError.InvalidArgument;
        }

        var replaced = known ? target.Value : null;
        if (mode == RenameMode.Exchange)
        {
            for (var at = node.Parent; at is not null; at = at.Parent)
            {
                if (at == replaced) return FsError.InvalidArgument;
            }
        }
        else if (replaced is not null)
        {
            if (replaced.IsDirectory && !node.IsDirectory) return FsError.IsDirectory;
            if (!replaced.IsDirectory && node.IsDirectory) return FsError.NotDirectory;
            if (replaced.IsDirectory && !Tree.IsComplete(replaced)) return new RenamePlan { Unlisted = replaced };
            if (replaced.IsDirectory && _tree.ChildrenNeedsLock(replaced).Count > 0) return FsError.NotEmpty;
        }

        // Whatever is renamed must be known to the last object: the new keys follow from the journal alone.
        if (node.IsDirectory && !_lister.IsListedBelowNeedsLock(node)) return new RenamePlan { Unlisted = node };
        if (mode == RenameMode.Exchange && replaced!.IsDirectory && !_lister.IsListedBelowNeedsLock(replaced)) return new RenamePlan { Unlisted = replaced };
        if (PlaceError(node, directory, newName, replaced, mode) is { } noPlace) return noPlace;
        if (LongestKeyError(node, directory, newName) is { } tooLong) return tooLong;
        return new RenamePlan { Node = node, Directory = directory, Replaced = replaced, Exchange = mode == RenameMode.Exchange };
    }

    private FsError? PlaceError(Node node, Node directory, string newName, Node? replaced, RenameMode mode)
    {
        ReadOnlySpan<Node> leaving = replaced is null ? [node] : [node, replaced];
        return _tree.CheckPlaceNeedsLock(directory, newName, node.IsDirectory, leaving)
            ?? (mode == RenameMode.Exchange ? _tree.CheckPlaceNeedsLock(node.Parent!, node.Name, replaced!.IsDirectory, leaving) : null);
    }

    private FsError? LongestKeyError(Node node, Node directory, string newName)
    {
        var before = _tree.KeyNeedsLock(node)!;
        var after = _tree.KeyNeedsLock(directory) + KeyNames.ToSegment(newName) + (node.IsDirectory ? "/" : "");
        if (Names.CheckKey(after) is { } error) return error;
        if (after.Length <= before.Length) return null;
        return _tree.BelowNeedsLock(node)
            .Select(below => Names.CheckKey(string.Concat(after, _tree.KeyNeedsLock(below).AsSpan(before.Length))))
            .FirstOrDefault(found => found is not null);
    }

    private long RenameNeedsLock(RenamePlan plan, string newName, out IReadOnlyList<Node> promoted)
    {
        var (node, directory, replaced) = (plan.Node!, plan.Directory!, plan.Replaced);
        var former = node.Parent!;
        var formerName = node.Name;
        var now = FsTime.Now(_time);
        var due = _services.Due();
        var moved = new List<Node> { node };
        if (plan.Exchange) moved.Add(replaced!);
        var remoteBelow = moved.SelectMany(_tree.BelowNeedsLock).Where(below => below.Remote is not null).ToList();
        promoted = _tree.PromoteNeedsLock(remoteBelow.Concat(moved).Append(directory).Append(former));
        var mutations = new Mutations();
        if (plan.Exchange)
        {
            var swapped = replaced!.Id;
            mutations.Add(writer => writer.UnnameNode(swapped));
            _tree.DetachNeedsLock(replaced);
        }
        else if (replaced is not null)
        {
            promoted = [.. promoted, .. RemoveNeedsLock(replaced, mutations, now, due)];
        }

        var open = moved.SelectMany(top => _tree.BelowNeedsLock(top).Prepend(top)).Where(below => below.File is not null).ToList();
        MovePinsNeedsLock(node, directory, newName, plan.Exchange, mutations);
        MoveNeedsLock(node, directory, newName, mutations, now, due);
        if (plan.Exchange) MoveNeedsLock(replaced!, former, formerName, mutations, now, due);
        foreach (var below in open) below.File!.Place(_tree.PathNeedsLock(below));
        ReconsiderIgnoredNeedsLock(moved, mutations, due);
        RequireMarkerNeedsLock(former, mutations, due);
        foreach (var folder in moved.Where(one => one.IsDirectory))
        {
            var id = folder.Id;
            mutations.Add(writer => writer.MarkConfirmedBelow(id, due));
        }

        mutations.Follow(remoteBelow);

        TouchNeedsLock(former, mutations, now);
        if (directory != former) TouchNeedsLock(directory, mutations, now);
        return mutations.Enqueue(_journal);
    }

    private void MoveNeedsLock(Node node, Node directory, string name, Mutations mutations, long now, long due)
    {
        var (children, file) = (node.Children, node.File);
        _tree.DetachNeedsLock(node);
        node.Name = name;
        node.Children = children;
        node.File = file;
        node.ChangeTime = now;
        _tree.ChildrenNeedsLock(directory);
        _tree.AttachNeedsLock(directory, node);
        directory.Listing?.Touched.Add(name);
        var (id, parent) = (node.Id, directory.Id);
        mutations.Add(node, writer => writer.MoveNode(id, parent, name, now, due));
    }

    private long RemoveNeedsLock(Node node, out IReadOnlyList<Node> promoted)
    {
        var mutations = new Mutations();
        var now = FsTime.Now(_time);
        promoted = RemoveNeedsLock(node, mutations, now, _services.Due());
        return mutations.Enqueue(_journal);
    }

    /// <summary>Removes a name: what the bucket holds is doomed, what open handles use is kept for them. Returns the directories whose
    /// listings count again after the commit.</summary>
    private IReadOnlyList<Node> RemoveNeedsLock(Node node, Mutations mutations, long now, long due)
    {
        var directory = node.Parent!;
        IReadOnlyList<Node> promoted = [];
        node.File?.PinRemote();
        if (node.InJournal)
        {
            var (id, keep) = (node.Id, node.File?.GenerationInUse);
            mutations.Add(writer => writer.RemoveNode(id, keep, due));
        }
        else
        {
            _cache.Take([node.ToRow(_drive.Id)]);
            mutations.Take(directory);
            promoted = [directory];
            if (node.Remote is { ETag: not null } remote) mutations.Add(writer => writer.Doom(_drive.Id, remote, due));
        }

        node.ChangeTime = now;
        _tree.DetachNeedsLock(node);
        _tree.KeepRemovedNeedsLock(node);
        promoted = [.. promoted, .. RequireMarkerNeedsLock(directory, mutations, due)];
        TouchNeedsLock(directory, mutations, now);
        return promoted;
    }

    // A directory that stood only as a prefix of its objects' keys would vanish with the last of them.
    private IReadOnlyList<Node> RequireMarkerNeedsLock(Node directory, Mutations mutations, long due)
    {
        const long NoAttributesYet = -1;
        if (directory.Remote is not { ETag: null } prefix || prefix.AttributeVersion == NoAttributesYet) return [];
        var promoted = _tree.PromoteNeedsLock(directory);
        directory.Remote = prefix with { AttributeVersion = NoAttributesYet };
        var id = directory.Id;
        mutations.Add(directory, writer => writer.RequireMarker(id, due));
        return promoted;
    }

    private sealed record RenamePlan
    {
        public Node? Node { get; init; }

        public Node? Directory { get; init; }

        public Node? Replaced { get; init; }

        public bool Exchange { get; init; }

        public bool Nothing { get; init; }

        /// <summary>A directory that must be listed before the rename can be decided, with all below it.</summary>
        public Node? Unlisted { get; init; }
    }
}
