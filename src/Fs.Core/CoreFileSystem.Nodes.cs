using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    private const string StateAttribute = "user.syncagent.state";

    /// <inheritdoc/>
    public ValueTask<FsResult<NodeAttributes>> LookupAsync(OpContext context, NodeId parent, string name)
    {
        var (result, unlisted) = TryLookup(parent, name);
        return unlisted is null ? new(result) : new(ListThenLookupAsync(context, unlisted, parent, name));
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<NodeAttributes>> GetAttributesAsync(OpContext context, NodeId node, HandleId? handle)
    {
        lock (_tree.Lock)
        {
            var found = FindNeedsLock(node, handle);
            return new(found is null ? FsError.NotFound : found.Attributes());
        }
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<NodeAttributes>> SetAttributesAsync(OpContext context, NodeId node, HandleId? handle, AttributeChanges changes)
    {
        if (_options.ReadOnly) return new(FsError.ReadOnly);
        if (changes.Size is { } size && TruncateNode(node, handle, size) is { } error) return new(error);
        IReadOnlyList<Node> promoted;
        long sequence;
        NodeAttributes attributes;
        lock (_tree.Lock)
        {
            var found = FindNeedsLock(node, handle);
            if (found is null) return new(FsError.NotFound);
            if (!Apply(found, changes, out var publish)) return new(found.Attributes());
            promoted = publish && (found.Parent is not null || found.IsRoot) ? _tree.PromoteNeedsLock(found) : [];
            sequence = found.InJournal ? EnqueueAttributesNeedsLock(found, publish) : 0;
            attributes = found.Attributes();
        }

        if (Committed(sequence) is { } failed) return new(failed);
        _tree.MarkListed(promoted);
        return new(attributes);
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
        var disk = new DriveInfo(_journal.Folder);
        return new(new VolumeStatistics(
            disk.TotalSize, Math.Max(0, disk.AvailableFreeSpace - _options.StagingReserve), 1L << 32, 1L << 31, Names.MaxNameBytes));
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<byte[]>> GetExtendedAttributeAsync(OpContext context, NodeId node, string name)
    {
        if (name != StateAttribute) return new(FsError.NoAttribute);
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(node) is null) return new(FsError.NotFound);
        }

        var state = StateOf(node.Value) ?? FileState.Remote;
        return new(System.Text.Encoding.ASCII.GetBytes(state.ToString().ToLowerInvariant()));
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<IReadOnlyList<string>>> ListExtendedAttributesAsync(OpContext context, NodeId node) =>
        new((FsResult<IReadOnlyList<string>>)(string[])[]); // the state is for asking, not for cp -a to carry elsewhere

    /// <inheritdoc/>
    public void Forget(NodeId node, ulong count)
    {
        // Nodes stay in memory for the life of the mount; a later version drops clean ones here.
    }

    private (FsResult<NodeAttributes> Result, Node? Unlisted) TryLookup(NodeId parent, string name)
    {
        if (Names.Check(name) is { } bad) return (bad, null);
        lock (_tree.Lock)
        {
            var directory = _tree.FindNeedsLock(parent);
            if (directory is null) return (FsError.NotFound, null);
            if (!directory.IsDirectory) return (FsError.NotDirectory, null);
            if (_tree.ChildrenNeedsLock(directory).TryGetValue(name, out var child)) return (child.Attributes(), null);
            return (FsError.NotFound, Tree.IsComplete(directory) ? null : directory);
        }
    }

    private async Task<FsResult<NodeAttributes>> ListThenLookupAsync(OpContext context, Node directory, NodeId parent, string name)
    {
        if (await _lister.ListAsync(directory, context.Cancellation) is { } error) return error;
        return TryLookup(parent, name).Result;
    }

    private Node? FindNeedsLock(NodeId node, HandleId? handle) =>
        _tree.FindNeedsLock(node) ?? (handle is { } id ? _handles.Find(id)?.Node : null);

    // Returns whether anything changed; publish: whether the bucket must learn it.
    private bool Apply(Node node, AttributeChanges changes, out bool publish)
    {
        var now = FsTime.Now(_time);
        publish = changes.Mode is not null || changes.Uid is not null || changes.Gid is not null
            || changes.ModifyTime is not null || changes.ModifyTimeNow;
        if (changes.Mode is { } mode) node.Mode = mode;
        if (changes.Uid is { } uid) node.Uid = uid;
        if (changes.Gid is { } gid) node.Gid = gid;
        if (changes.AccessTime is { } accessed) node.AccessTime = accessed;
        if (changes.AccessTimeNow) node.AccessTime = now;
        if (changes.ModifyTime is { } modified) node.ModifyTime = modified;
        if (changes.ModifyTimeNow) node.ModifyTime = now;
        if (changes.ClearSetId && ClearSetId(node)) publish = true;
        var any = publish || changes.AccessTime is not null || changes.AccessTimeNow;
        if (any) node.ChangeTime = now;
        return any;
    }

    // Of regular files only: on a directory the bits mean something else. POSIX: set-group-id without group execute permission means mandatory locking and stays.
    private static bool ClearSetId(Node node)
    {
        const uint SetUserId = 0b100_000_000_000;
        const uint SetGroupId = 0b010_000_000_000;
        const uint GroupExecute = 0b000_001_000;
        if (node.Type != NodeType.File) return false;
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
        var sequence = _journal.Enqueue(writer => writer.SetAttributes(id, mode, uid, gid, accessed, modified, changed, publish, due));
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
