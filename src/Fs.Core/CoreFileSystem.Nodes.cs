using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <inheritdoc/>
    public ValueTask<FsResult<NodeAttributes>> LookupAsync(OpContext context, NodeId parent, string name)
    {
        var (result, unlisted) = TryLookup(parent, name);
        if (result.Error is null) Ask(result.Value);
        return unlisted is null ? new(Described(result)) : new(ListThenLookupAsync(context, unlisted, parent, name));
    }

    /// <inheritdoc/>
    public FsResult<NodeAttributes> ReadEntry(NodeId directory, string name) => Described(TryLookup(directory, name).Result);

    /// <inheritdoc/>
    public ValueTask<FsResult<NodeAttributes>> GetAttributesAsync(OpContext context, NodeId node, HandleId? handle)
    {
        Node? found;
        lock (_tree.Lock)
        {
            found = FindNeedsLock(node, handle);
            if (found is not null) _learner.AskNeedsLock(found);
        }

        return new(found is null ? FsError.NotFound : Describe(found));
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<NodeAttributes>> SetAttributesAsync(OpContext context, NodeId node, HandleId? handle, AttributeChanges changes)
    {
        if (Refusal() is { } refused) return refused;
        if (changes.Size is not null && !_journal.Doubts.IsEmpty && await ProvedAsync(context, node) is { } error) return error;
        return await LearnFirstAsync(context, node) ?? SetAttributes(node, handle, changes);
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<string>> ReadSymlinkAsync(OpContext context, NodeId node)
    {
        lock (_tree.Lock)
        {
            return new(_tree.FindNeedsLock(node) switch
            {
                null => FsError.NotFound,
                { Target: { } target } => target,
                _ => FsError.InvalidArgument,
            });
        }
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<VolumeStatistics>> GetStatisticsAsync(OpContext context)
    {
        var space = _services.Space;
        return new(new VolumeStatistics(space.Total, space.Available, 1L << 32, 1L << 31, Names.MaxNameBytes));
    }

    /// <inheritdoc/>
    public void Forget(NodeId node, ulong count)
    {
        // Only of a node whose name is gone does the reference count: the kernel may ask for it as long as it holds one.
        lock (_tree.Lock)
        {
            if (_tree.LoadedNeedsLock(node) is { Parent: null, IsRoot: false, File: null } removed) _tree.ForgetNeedsLock(removed);
        }
    }

    private FsResult<NodeAttributes> SetAttributes(NodeId node, HandleId? handle, AttributeChanges changes)
    {
        if (changes.Size is { } size && TruncateNode(node, handle, size) is { } error) return error;
        IReadOnlyList<Node> promoted;
        long sequence;
        Node? found;
        lock (_tree.Lock)
        {
            found = FindNeedsLock(node, handle);
            if (found is null) return FsError.NotFound;
            var publish = Apply(found, changes);
            if (changes.ClearSetId) DropCapabilityNeedsLock(found);
            promoted = publish && (found.Parent is not null || found.IsRoot) ? _tree.PromoteNeedsLock(found) : [];
            sequence = found.InJournal ? EnqueueAttributesNeedsLock(found, publish) : 0;
        }

        if (Committed(sequence) is { } failed) return failed;
        _tree.MarkListed(promoted);
        return Describe(found);
    }

    private (FsResult<Node> Result, Node? Unlisted) TryLookup(NodeId parent, string name)
    {
        if (Names.Check(name) is { } bad) return (bad, null);
        lock (_tree.Lock)
        {
            var directory = _tree.FindNeedsLock(parent);
            if (directory is null) return (FsError.NotFound, null);
            if (!directory.IsDirectory) return (FsError.NotDirectory, null);
            if (_tree.ChildrenNeedsLock(directory).TryGetValue(name, out var child)) return (child, null);
            return (FsError.NotFound, Tree.IsComplete(directory) ? null : directory);
        }
    }

    private async Task<FsResult<NodeAttributes>> ListThenLookupAsync(OpContext context, Node directory, NodeId parent, string name)
    {
        if (await _lister.ListAsync(directory, context.Cancellation) is { } error) return error;
        var result = TryLookup(parent, name).Result;
        if (result.Error is null) Ask(result.Value);
        return Described(result);
    }

    // Whether a name is there, for a change of it that does not care about its attributes.
    private async ValueTask<FsError?> FindErrorAsync(OpContext context, NodeId parent, string name)
    {
        var (result, unlisted) = TryLookup(parent, name);
        if (unlisted is null) return result.Error;
        return await _lister.ListAsync(unlisted, context.Cancellation) ?? TryLookup(parent, name).Result.Error;
    }

    private void Ask(Node node)
    {
        lock (_tree.Lock) _learner.AskNeedsLock(node);
    }

    // What somebody here sets is sent with all other attributes: those of the object must be known before.
    private async ValueTask<FsError?> LearnFirstAsync(OpContext context, NodeId node)
    {
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(node) is not { IsUnlearned: true }) return null;
        }

        return await _learner.LearnFirstAsync(node, context.Cancellation);
    }

    private Node? FindNeedsLock(NodeId node, HandleId? handle) =>
        _tree.FindNeedsLock(node) ?? (handle is { } id ? _handles.Find(id)?.Node : null);

    // Returns whether the bucket must learn it. A size alone was applied before; its times follow like those of any other change.
    private bool Apply(Node node, AttributeChanges changes)
    {
        var now = FsTime.Now(_time);
        var publish = changes.Mode is not null || changes.Uid is not null || changes.Gid is not null
            || changes.ModifyTime is not null || changes.ModifyTimeNow;
        if (changes.Mode is { } mode) node.Mode = mode;
        if (changes.Uid is not null || changes.Gid is not null) node.SetOwner(changes.Uid, changes.Gid);
        if (changes.AccessTime is { } accessed) node.AccessTime = accessed;
        if (changes.AccessTimeNow) node.AccessTime = now;
        if (changes.ModifyTime is { } modified) node.ModifyTime = modified;
        if (changes.ModifyTimeNow) node.ModifyTime = now;
        if (changes.ClearSetId && ClearSetId(node)) publish = true;
        node.ChangeTime = now;
        return publish;
    }

    // Not of directories, on which the bits mean something else. POSIX: set-group-id without group execute permission means mandatory locking and stays.
    private static bool ClearSetId(Node node)
    {
        const uint SetUserId = 0b100_000_000_000;
        const uint SetGroupId = 0b010_000_000_000;
        const uint GroupExecute = 0b000_001_000;
        if (node.IsDirectory) return false;
        var cleared = node.Mode & ~SetUserId;
        if ((node.Mode & GroupExecute) != 0) cleared &= ~SetGroupId;
        if (cleared == node.Mode) return false;
        node.Mode = cleared;
        return true;
    }

    private long EnqueueAttributesNeedsLock(Node node, bool publish)
    {
        if (publish) node.AttributeVersion++;
        var (id, mode, uid, gid, due) = (node.Id, node.Mode, node.Uid, node.Gid, _services.Due());
        var (accessed, modified, changed) = (node.AccessTime, node.ModifyTime, node.ChangeTime);
        var isOwnedHere = (node.Flags & NodeFlags.StoreOwner) == 0;
        var sequence = _journal.Enqueue(writer =>
        {
            writer.SetAttributes(id, mode, uid, gid, accessed, modified, changed, publish, due);
            if (publish && isOwnedHere) writer.OwnHere(id);
        });
        if (publish) node.MarkPending(sequence);
        return sequence;
    }

    private FsError? TruncateNode(NodeId node, HandleId? handle, long size)
    {
        FileHandle? opened = null;
        OpenFile file;
        IReadOnlyList<Node> promoted = [];
        lock (_tree.Lock)
        {
            var found = FindNeedsLock(node, handle);
            if (found is null) return FsError.NotFound;
            if (found.IsDirectory) return FsError.IsDirectory;
            if (found.Type != NodeType.File) return FsError.InvalidArgument;
            if (handle is { } id && _handles.Find(id) is { CanWrite: true } given)
            {
                file = given.File;
            }
            else
            {
                if (found.Parent is not null) promoted = _tree.PromoteNeedsLock(found);
                try
                {
                    opened = _handles.OpenNeedsLock(found, read: false, write: true);
                }
                catch (IOException e)
                {
                    return FsErrors.From(e);
                }

                file = opened.File;
            }
        }

        if (Committed(_journal.EnqueuedSequence) is { } failed) return failed;
        _tree.MarkListed(promoted);
        var error = file.Truncate(size);
        if (opened is null) return error;
        error ??= Close(opened);
        _handles.Release(new HandleId(opened.Id));
        return error;
    }
}
