using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <inheritdoc/>
    public async ValueTask<FsResult<OpenedFile>> CreateAsync(OpContext context, NodeId parent, string name, uint mode, OpenFlags flags)
    {
        if (Refusal() is { } refused) return refused;
        var found = await LookupAsync(context, parent, name);
        if (found.Error is null)
        {
            if ((flags & OpenFlags.Exclusive) != 0) return FsError.Exists;
            return await OpenAsync(context, found.Value.Id, flags);
        }

        if (found.Error.Kind != FsErrorKind.NotFound) return found.Error;
        if (RefusalOfName() is { } noName) return noName;
        IReadOnlyList<Node> promoted;
        FileHandle handle;
        lock (_tree.Lock)
        {
            if (_refusesWriters) return FsError.Ending;
            var made = MakeNeedsLock(context, parent, name, NodeType.File, mode, null, out promoted, out var birth);
            if (made.Error is { } error) return error;
            handle = _handles.OpenNeedsLock(made.Value, (flags & OpenFlags.Read) != 0, write: true);
            try
            {
                handle.File.BeginNew(birth);
            }
            catch (Exception e) when (e is IOException or JournalException)
            {
                RemoveNeedsLock(made.Value, out _);
                _handles.Release(new HandleId(handle.Id));
                return e is IOException io ? FsErrors.From(io) : FsErrors.From((JournalException)e);
            }
        }

        // Not waited for here: the first write and every close are, and they wait for this too, since the queue's order is the truth.
        if (promoted.Count > 0)
        {
            if (Committed(_journal.EnqueuedSequence) is { } failed) return Drop(handle, failed);
            _tree.MarkListed(promoted);
        }

        return new OpenedFile(new HandleId(handle.Id), Describe(handle.Node), KeepCache: true);
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<NodeAttributes>> MakeNodeAsync(OpContext context, NodeId parent, string name, NodeKind kind, uint mode)
    {
        if (kind is NodeKind.Fifo or NodeKind.Socket)
        {
            var made = await MakeNodeAsync(context, parent, name, (NodeType)kind, mode, null);
            return made.Error ?? (FsResult<NodeAttributes>)made.Value.Attributes();
        }

        if (kind != NodeKind.File) return FsError.NotPermitted;
        var opened = await CreateAsync(context, parent, name, mode, OpenFlags.Write | OpenFlags.Exclusive);
        if (opened.Error is { } error) return error;
        var handle = _handles.Find(opened.Value.Handle)!;
        var failed = Close(handle);
        _handles.Release(opened.Value.Handle);
        return failed is null ? Describe(handle.Node) : failed;
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<OpenedFile>> OpenAsync(OpContext context, NodeId node, OpenFlags flags) =>
        _journal.Doubts.IsEmpty ? Open(node, flags) : OpenProvedAsync(context, node, flags);

    private async ValueTask<FsResult<OpenedFile>> OpenProvedAsync(OpContext context, NodeId node, OpenFlags flags) =>
        await ProvedAsync(context, node) is { } error ? error : await Open(node, flags);

    private ValueTask<FsResult<OpenedFile>> Open(NodeId node, OpenFlags flags)
    {
        var write = (flags & (OpenFlags.Write | OpenFlags.Truncate)) != 0;
        if (write && Refusal() is { } refused) return new(refused);
        IReadOnlyList<Node> promoted = [];
        FileHandle handle;
        bool keepsPages;
        lock (_tree.Lock)
        {
            var found = _tree.FindNeedsLock(node);
            if (found is null or { IsSuperseded: true }) return new(FsError.Stale);
            if (found.IsDirectory) return new(FsError.IsDirectory);
            if (found.Type != NodeType.File) return new(FsError.InvalidArgument);
            if (write && _refusesWriters) return new(FsError.Ending);
            _learner.OpenNeedsLock(found);
            if (write && found.Parent is not null) promoted = _tree.PromoteNeedsLock(found);
            try
            {
                handle = _handles.OpenNeedsLock(found, (flags & OpenFlags.Read) != 0 || !write, write);
                keepsPages = handle.File.KeepsPages();
            }
            catch (IOException e)
            {
                return new(FsErrors.From(e));
            }
        }

        if (promoted.Count > 0)
        {
            if (Committed(_journal.EnqueuedSequence) is { } failed) return new(Drop(handle, failed));
            _tree.MarkListed(promoted);
        }

        if ((flags & OpenFlags.Truncate) != 0)
        {
            if ((handle.File.ReplaceInterrupted() ?? handle.File.Truncate(0)) is { } error) return new(Drop(handle, error));
            DropPrivileges(handle.Node, (flags & OpenFlags.ClearSetId) != 0);
        }

        return new(new OpenedFile(new HandleId(handle.Id), Describe(handle.Node), keepsPages));
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<int>> ReadAsync(OpContext context, HandleId handle, long offset, Memory<byte> buffer)
    {
        var opened = _handles.Find(handle);
        if (opened is null || !opened.CanRead && !opened.CanWrite) return new(FsError.BadHandle);
        NoteAccess(opened.Node);
        return opened.File.ReadAsync(context, offset, buffer);
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<int>> WriteAsync(OpContext context, HandleId handle, long offset, ReadOnlyMemory<byte> data, bool clearSetId)
    {
        var opened = _handles.Find(handle);
        if (opened is not { CanWrite: true }) return new(FsError.BadHandle);
        var result = opened.File.Write(offset, data.Span);
        if (result.Error is null) DropPrivileges(opened.Node, clearSetId);
        return new(result);
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<Nothing>> ClosedAsync(OpContext context, HandleId handle)
    {
        var opened = _handles.Find(handle);
        if (opened is not { CanWrite: true }) return new(default(Nothing));
        return new(Close(opened) is { } error ? error : default(Nothing));
    }

    /// <inheritdoc/>
    public void Released(HandleId handle) => _handles.Release(handle);

    /// <inheritdoc/>
    public void Abandoned(HandleId handle) => _handles.Release(handle, closedOnly: true);

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> SyncAsync(OpContext context, HandleId handle)
    {
        var opened = _handles.Find(handle);
        if (opened is null) return FsError.BadHandle;
        if (opened.File.StagingInUse() is not { } staging) return await MakeDurableAsync(context);
        _groups.Add(staging);
        var made = await MakeDurableAsync(context);
        return made.Error is null && _groups.IsInDoubt(staging) ? FsError.LostBytes : made;
    }

    private async Task<FsResult<Nothing>> MakeDurableAsync(OpContext context)
    {
        try
        {
            if (!CrashPoints.Omits(CrashPoints.OmitGroup)) await _groups.FlushAsync(context.Cancellation);
            return default(Nothing);
        }
        catch (OperationCanceledException)
        {
            return FsError.Interrupted;
        }
        catch (JournalException e)
        {
            return FsErrors.From(e);
        }
        catch (IOException e)
        {
            return FsErrors.From(e);
        }
    }

    private FsError? Close(FileHandle handle)
    {
        var flushed = handle.File.Flush();
        if (flushed.Error is not { } error) return Committed(flushed.Value);
        _ = Committed(_journal.EnqueuedSequence); // that a write failed: whoever looks after this sees the file incomplete, not interrupted
        return error;
    }

    // The caller never gets this handle: nobody closed it, so nothing of it is published.
    private FsError Drop(FileHandle handle, FsError error)
    {
        _handles.Release(new HandleId(handle.Id), closedOnly: true);
        return error;
    }

    // After a change of the content. Nearly always there is nothing to drop, and no lock is taken.
    private void DropPrivileges(Node node, bool setId)
    {
        if (!setId && node.ExtendedAttributes is null) return;
        lock (_tree.Lock)
        {
            DropCapabilityNeedsLock(node);
            if (setId && ClearSetId(node) && node.InJournal) EnqueueAttributesNeedsLock(node, publish: true);
        }
    }

    // As local disks do (mount option relatime): an access time that is newer than the last change, and of today, stays.
    private void NoteAccess(Node node)
    {
        const long Day = 86_400_000_000_000;
        var (now, accessed) = (FsTime.Now(_time), node.AccessTime);
        if (accessed > node.ModifyTime && accessed > node.ChangeTime && now - accessed < Day) return;
        if (!_options.ReadOnly) node.AccessTime = now;
    }
}
