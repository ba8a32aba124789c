using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

internal sealed partial class OpenFile
{
    /// <summary>Files up to this size are copied whole when they are opened and changed: cheaper than a map.</summary>
    private const long CopyWholeUpTo = 256 * 1024;

    /// <summary>Writes all of <paramref name="data"/> into the open generation, beginning one when there is none.</summary>
    public FsResult<int> Write(long offset, ReadOnlySpan<byte> data)
    {
        if (offset < 0) return FsError.InvalidArgument;
        if (offset > _services.Options.MaxFileSize - data.Length) return FsError.TooLarge;

        if (_services.Refusal() is { } readOnly)
        {
            lock (_lock) return FailNeedsLock(offset, data.Length, readOnly);
        }

        // Asked before the lock is taken: making room takes the tree's lock.
        var room = _services.Space.TryTake(data.Length);
        var error = Change<(long Offset, int Length, bool Room)>(
            (offset, data.Length, room),
            data,
            startEmpty: false,
            static (file, at, bytes) =>
            {
                if (!at.Room) return file.FailNeedsLock(at.Offset, at.Length, FsError.NoSpace);
                try
                {
                    RandomAccess.Write(file._file!, bytes, at.Offset);
                    CrashPoints.Reach(CrashPoints.StagingWritten);
                    file._log?.Add(at.Offset, at.Offset + at.Length);
                    CrashPoints.Reach(CrashPoints.StagingLogged);
                }
                catch (IOException e)
                {
                    return file.FailNeedsLock(at.Offset, at.Length, file._services.Refused(e));
                }

                file._crc.Write(at.Offset, bytes);
                file.MendNeedsLock(at.Offset, at.Offset + at.Length);
                if (at.Offset + at.Length > file._node.Size) file._node.Size = at.Offset + at.Length;
                file.TouchNeedsLock();
                return null;
            });
        if (error is null) return data.Length;
        lock (_lock) return FailNeedsLock(offset, data.Length, error); // also where no generation could be begun
    }

    /// <summary>Cuts or extends the file.</summary>
    public FsError? Truncate(long size)
    {
        if (size < 0) return FsError.InvalidArgument;
        if (size > _services.Options.MaxFileSize) return FsError.TooLarge;
        if (_services.Refusal() is { } readOnly) return readOnly;
        return Change(
            size,
            default,
            startEmpty: size == 0,
            static (file, length, _) =>
            {
                try
                {
                    file._log?.Truncate(length);
                    if (file._log is null || length < RandomAccess.GetLength(file._file!)) RandomAccess.SetLength(file._file!, length);
                }
                catch (IOException e)
                {
                    return file.FailNeedsLock(0, 0, file._services.Refused(e));
                }
                catch (ArgumentOutOfRangeException)
                {
                    return FsError.TooLarge; // so .NET says that the staging disk has no files of that length; nothing was changed
                }

                CrashPoints.Reach(CrashPoints.StagingTruncated);
                if (length == 0) file.ForgiveNeedsLock();
                else file.MendNeedsLock(length, long.MaxValue); // behind the end nothing is missing
                file._crc.Truncate(length);
                file._node.Size = length;
                file.TouchNeedsLock();
                return null;
            });
    }

    /// <summary>
    /// Runs a change on the open generation. Before its first byte is taken the journal has committed "open for writing", and after
    /// a close it has committed that the close no longer counts, whichever thread asked for that: the commits are awaited without
    /// the lock, so the state is looked at again afterwards.
    /// </summary>
    private FsError? Change<T>(T argument, ReadOnlySpan<byte> data, bool startEmpty, ChangeAction<T> action)
    {
        try
        {
            while (true)
            {
                var prepare = false;
                long commit = 0, voided = 0;
                lock (_lock)
                {
                    if (_generation is null && !startEmpty && NeedsPreparationNeedsLock())
                    {
                        prepare = true;
                    }
                    else
                    {
                        if (_generation is null)
                        {
                            BeginNeedsLock(startEmpty, new Mutations());
                        }
                        else if (_flushed || (_failed is not null && !_written))
                        {
                            if (_flushed) _voiding = _flushSequence;
                            _flushed = false;
                            MarkOpenNeedsLock();
                            var id = _generation.Id;
                            _openSequence = _services.Journal.Enqueue(writer => writer.VoidFlush(id));
                        }

                        _written = true;
                        if (_voiding == 0 && _services.Journal.CommittedSequence >= _openSequence) return action(this, argument, data);
                        (commit, voided) = (_openSequence, _voiding);
                    }
                }

                if (prepare) PrepareBase();
                else if (voided == 0) _services.Journal.WaitCommitted(commit);
                else Void(commit, voided);
            }
        }
        catch (JournalException e)
        {
            // What was begun and could not be recorded is never published.
            lock (_lock) return _generation is null ? FsErrors.From(e) : FailNeedsLock(0, long.MaxValue, FsErrors.From(e));
        }
        catch (IOException e)
        {
            return _services.Refused(e);
        }
    }

    // The write that follows lands in the very file that was closed: were the close to come back after a power cut, it would be the close
    // of bytes that nobody ever closed.
    private void Void(long sequence, long closed)
    {
        _services.Journal.WaitVoided(sequence, closed);
        lock (_lock)
        {
            if (_openSequence == sequence) _voiding = 0;
        }
    }

    /// <summary>Begins a generation over what is there now; <see cref="_openSequence"/> is what its first byte waits for.</summary>
    /// <param name="empty">Over nothing: the file is cut, or new.</param>
    /// <param name="together">What is committed together with it.</param>
    private void BeginNeedsLock(bool empty, Mutations together)
    {
        var files = _services.Journal.Files;
        var staging = StagingFolder.NewName();
        var generation = new Generation
        {
            Id = _services.Journal.NewId(),
            Node = _node.Id,
            Staging = staging,
            State = GenerationState.Open,
        };
        var crc = RunningCrc.StartAfter(0, 0);
        var file = StagingFile.Create(files.FileOf(staging));
        CrashPoints.Reach(CrashPoints.StagingCreated);
        try
        {
            if (!empty && _node.Size > 0)
            {
                SparseFile.Prepare(file); // only what is changed will be in it
                CloseBelowNeedsLock();
                OpenBelowNeedsLock();
                var known = _sealed is not null ? _sealed.Generation.Crc : _node.Remote?.Crc;
                crc = known is { } value ? RunningCrc.StartAfter(value, _node.Size) : default;
                generation = BaseOf(generation, file);
                if (generation.Base != BaseKind.None) _log = CreateLog(generation, file);
            }
        }
        catch
        {
            file.Dispose();
            files.Delete(staging);
            throw;
        }

        if (empty) _node.Size = 0;
        _generation = generation;
        _file = file;
        _crc = crc;
        _flushed = false;
        if (empty) ForgiveNeedsLock();
        _node.OpenGeneration = generation.Id;
        MarkOpenNeedsLock();
        CloseBelowNeedsLock();
        together.Add(writer => writer.BeginGeneration(generation));
        if (_failed is not null) together.Add(writer => writer.MarkIncomplete(generation.Id));
        _openSequence = together.Enqueue(_services.Journal);
    }

    private Generation BaseOf(Generation generation, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        if (_sealed is { Generation.Base: BaseKind.None } whole)
        {
            if (whole.Size > CopyWholeUpTo) return generation with { Base = BaseKind.Local, BaseGeneration = whole.Generation.Id, BaseSize = whole.Size };
            var bytes = new byte[whole.Size];
            whole.Read(0, bytes);
            RandomAccess.Write(file, bytes, 0);
            return generation;
        }

        var below = _remote ?? throw new IOException("a base that is an overlay was not prepared");
        return generation with { Base = BaseKind.Remote, BaseKey = below.Key, BaseETag = below.ETag, BaseSize = below.Size };
    }

    /// <summary>Over an overlay whose base is remote the new overlay begins with a copy of its ranges: a chain stays two long.</summary>
    private ExtentLog CreateLog(Generation generation, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var log = ExtentLog.Create(_services.Journal.Files.MapOf(generation.Staging), generation.BaseSize);
        if (_sealed is not { Map: { } map } overlay || generation.Base != BaseKind.Remote) return log;
        if (map.BaseLimit < generation.BaseSize) log.Truncate(map.BaseLimit);
        var buffer = new byte[1 << 20];
        foreach (var piece in map.Pieces(overlay.Size).Where(piece => piece.Owner == ExtentOwner.Overlay))
        {
            for (var at = piece.Start; at < piece.End;)
            {
                var block = buffer.AsSpan(0, (int)Math.Min(buffer.Length, piece.End - at));
                overlay.Read(at, block);
                RandomAccess.Write(file, block, at);
                at += block.Length;
            }

            log.Add(piece.Start, piece.End);
        }

        if (log.Map.Size != overlay.Size) log.Truncate(overlay.Size);
        return log;
    }

    private bool NeedsPreparationNeedsLock()
    {
        if (_node.Content is null) return false;
        OpenBelowNeedsLock();
        return _sealed?.Generation.Base == BaseKind.Local;
    }

    /// <summary>The sealed content is an overlay over a local base: makes one file of the two, by folding, or by copying the missing
    /// ranges while the base is being sent.</summary>
    private void PrepareBase()
    {
        lock (_preparing)
        {
            var journal = _services.Journal;
            journal.WaitCommitted(journal.EnqueuedSequence);
            if (_node.Content is { } content && _services.Reader.Content(content) is { Generation.Base: BaseKind.Local } source)
            {
                if (journal.DurableSequence < source.Generation.SealedSequence) _services.Groups.Flush();
                if (!Folding.TryFold(journal, source)) CopyMissing(source);
            }

            lock (_lock) CloseBelowNeedsLock();
        }
    }

    private void CopyMissing(ContentSource source)
    {
        var files = _services.Journal.Files;
        using var reader = ContentReader.Open(files, source);
        using (var from = StagingFile.OpenForReading(files.FileOf(source.BaseStaging!)))
        using (var to = StagingFile.OpenForWriting(files.FileOf(source.Generation.Staging)))
        {
            foreach (var piece in reader.Map!.Pieces(reader.Size).Where(piece => piece.Owner == ExtentOwner.Base))
            {
                FileRanges.Copy(from, to, piece.Start, piece.Length);
            }

            RandomAccess.SetLength(to, reader.Size);
            files.AmendMark(source.Generation.Staging, StagingMark.Whole);
            RandomAccess.FlushToDisk(to);
        }

        CrashPoints.Reach(CrashPoints.StagingFilled);
        _services.Journal.Commit(writer => writer.DetachBase(source.Generation.Id));
    }

    /// <summary>A write failed. Also where no generation was begun: what this program writes from now on begins one that is incomplete.</summary>
    private FsError FailNeedsLock(long offset, long length, FsError error)
    {
        var end = length > long.MaxValue - offset ? long.MaxValue : offset + length;
        _failed = _failed is { } former
            ? new Extent(Math.Min(former.Start, offset), Math.Max(former.End, end), ExtentOwner.Overlay)
            : new Extent(offset, end, ExtentOwner.Overlay);
        _failure = error.Kind;
        if (_generation is { Id: var id }) _services.Journal.Enqueue(writer => writer.MarkIncomplete(id));
        return error;
    }

    private void ForgiveNeedsLock()
    {
        _failed = null;
        _failure = FsErrorKind.Io;
    }

    // A failed range is mended from either end, as programs that try again in pieces do.
    private void MendNeedsLock(long start, long end)
    {
        if (_failed is not { } failed) return;
        if (start <= failed.Start && end > failed.Start) failed = failed with { Start = end };
        else if (end >= failed.End && start < failed.End) failed = failed with { End = start };
        _failed = failed.Start < failed.End ? failed : null;
    }

    private void TouchNeedsLock()
    {
        var now = FsTime.Now(_services.Time);
        _node.ModifyTime = now;
        _node.ChangeTime = now;
    }

    private delegate FsError? ChangeAction<in T>(OpenFile file, T argument, ReadOnlySpan<byte> data);
}
