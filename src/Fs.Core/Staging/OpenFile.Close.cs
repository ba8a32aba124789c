using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

internal sealed partial class OpenFile
{
    /// <summary>Begins the empty generation of a new file, and enqueues its birth with it.</summary>
    public void BeginNew(Mutations birth)
    {
        lock (_lock)
        {
            _written = true;
            BeginNeedsLock(empty: true, birth);
        }
    }

    /// <summary>A descriptor was closed. Returns the sequence to wait for, 0 when there is nothing to commit, or an error when a write
    /// before failed.</summary>
    public FsResult<long> Flush()
    {
        lock (_lock)
        {
            if (_generation is null || !_written) return 0L;
            if (_failed is not null) return new FsError(_failure, "an earlier write failed: the file is kept as incomplete");
            if (_flushed) return _flushSequence; // another close asked for it: this one waits for the same commit
            _flushed = true;
            var (id, size, crc) = (_generation.Id, _node.Size, _crc.At(_node.Size));
            MarkClosedNeedsLock(size, crc); // before the group takes it, whose fsync covers the mark too
            _services.Groups.Add(_generation.Staging);
            var (node, modified, changed) = (_node.Id, _node.ModifyTime, _node.ChangeTime);
            _flushSequence = _services.Journal.Enqueue(writer => writer.FlushGeneration(id, size, crc, node, modified, changed));
            return _flushSequence;
        }
    }

    /// <summary>Names the staging file that fsync must make durable, or null when nothing is being written.</summary>
    public string? StagingInUse()
    {
        lock (_lock) return _generation?.Staging;
    }

    /// <summary>The last writer is gone: seals what it wrote. Does nothing when nothing was written or a write failed.</summary>
    /// <param name="closedOnly">Seal only what was closed and not written since: the connection to the kernel broke, and the writer may
    /// have been in the middle.</param>
    public void Seal(bool closedOnly)
    {
        lock (_lock)
        {
            if (_generation is null || !_written) return;
            if (_failed is not null || (closedOnly && !_flushed))
            {
                // Kept as incomplete or interrupted: the next group makes these bytes survive a power cut too.
                _services.Groups.Add(_generation.Staging);
                return;
            }

            var size = _node.Size;
            var sealedGeneration = _generation with { State = GenerationState.Sealed, Size = size, Crc = _crc.At(size) };
            _place = _services.PathOf(_node);
            MarkClosedNeedsLock(size, sealedGeneration.Crc);
            CrashPoints.Reach(CrashPoints.StagingMarked);
            _services.Groups.Add(sealedGeneration.Staging);
            var (node, modified, changed, due) = (_node.Id, _node.ModifyTime, _node.ChangeTime, _services.Due());
            _node.SealSequence = _services.Journal.Enqueue(writer => writer.SealGeneration(
                sealedGeneration.Id, size, sealedGeneration.Crc, node, modified, changed, due));
            _node.MarkPending(_node.SealSequence);
            _node.Stored = new StoredContent(sealedGeneration.Id, StoredBytesNeedsLock());
            _node.Content = sealedGeneration.Id;
            _node.OpenGeneration = null;
            _node.AttributeVersion++;
            _node.Problem = Problem.None;
            CloseGenerationNeedsLock();
            CloseBelowNeedsLock();
        }
    }

    /// <summary>The name is gone and so is the last handle: what the handles still used is given back.</summary>
    public void Discard()
    {
        lock (_lock)
        {
            var (open, content, node) = (_generation?.Id, _node.Content, _node.Id);
            _services.Journal.Enqueue(writer =>
            {
                if (open is { } id) writer.DropOpenGeneration(node, id);
                if (content is { } former) writer.RetireGeneration(former);
            });
            _node.OpenGeneration = null;
            _node.Content = null;
        }
    }

    /// <summary>What is there of an interrupted or incomplete generation is to count, as if it were written now; the close that follows
    /// seals it.</summary>
    public FsError? Accept()
    {
        long commit;
        lock (_lock)
        {
            if (_generation is null || _written) return new FsError(FsErrorKind.InvalidArgument, "it is neither interrupted nor incomplete");
            _written = true;
            _failed = null;
            var id = _generation.Id;
            commit = _openSequence = _services.Journal.Enqueue(writer => writer.VoidFlush(id));
        }

        try
        {
            _services.Journal.WaitCommitted(commit);
            return null;
        }
        catch (JournalException e)
        {
            return FsErrors.From(e);
        }
    }

    /// <summary>The file is cut to nothing: an empty generation takes the place of one that is interrupted or incomplete, in one commit, so that
    /// a kill leaves either and not a name for nothing.</summary>
    public FsError? ReplaceInterrupted()
    {
        try
        {
            lock (_lock)
            {
                if (_generation is not { } former || _written) return null;
                var together = new Mutations();
                together.Add(writer => writer.DropOpenGeneration(former.Node, former.Id));
                CloseGenerationNeedsLock();
                CloseBelowNeedsLock();
                try
                {
                    BeginNeedsLock(empty: true, together);
                    _written = true;
                }
                catch
                {
                    LoadNeedsLock();
                    throw;
                }
            }

            return null;
        }
        catch (JournalException e)
        {
            return FsErrors.From(e);
        }
        catch (IOException e)
        {
            return _services.Refused(e);
        }
    }

    /// <summary>Throws away an interrupted or incomplete generation, because its user does not want it.</summary>
    public void DropInterrupted()
    {
        lock (_lock)
        {
            if (_generation is null || _written) return;
            var (id, node) = (_generation.Id, _node.Id);
            CloseGenerationNeedsLock();
            CloseBelowNeedsLock();
            _node.OpenGeneration = null;
            _services.Journal.Enqueue(writer => writer.DropOpenGeneration(node, id));
        }
    }
}
