using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

internal sealed partial class OpenFile
{
    /// <summary>Bytes of the disk that the generation being written takes, with what it stands on; null when none is, or when the file
    /// was closed meanwhile.</summary>
    public long? StoredBytes()
    {
        lock (_lock)
        {
            if (_generation is null) return null;
            return StoredBytesNeedsLock();
        }
    }

    /// <summary>Takes, clears or gives back the space of a range. Where it fails for lack of space nothing was changed, and the file is as
    /// good as before.</summary>
    /// <param name="change">What to do.</param>
    /// <param name="offset">Start in bytes.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="keepSize">Whether the file's length stays also where the range goes beyond it. Always so when punching.</param>
    public FsError? ChangeSpace(SpaceChange change, long offset, long length, bool keepSize)
    {
        if (offset < 0 || length <= 0) return FsError.InvalidArgument;
        if (offset > _services.Options.MaxFileSize - length) return FsError.TooLarge;

        if (_services.Refusal() is { } readOnly) return readOnly;

        // Asked before the lock is taken: making room takes the tree's lock.
        if (change != SpaceChange.Punch && !_services.Space.TryTake(length)) return FsError.NoSpace;
        return Change(
            (Change: change, Start: offset, End: offset + length, KeepSize: keepSize || change == SpaceChange.Punch),
            default,
            startEmpty: false,
            static (file, range, _) => file.ChangeSpaceNeedsLock(range.Change, range.Start, range.End, range.KeepSize));
    }

    /// <summary>The next data, or the next hole, from an offset on. The end of the file counts as a hole.</summary>
    public FsResult<long> Seek(long offset, bool data)
    {
        lock (_lock)
        {
            var size = _node.Size;
            if (offset < 0 || offset >= size) return FsError.NoData;
            try
            {
                while (offset < size)
                {
                    var run = RunAtNeedsLock(offset, size);
                    if (run.IsData == data) return offset;
                    offset = run.End;
                }
            }
            catch (IOException e)
            {
                return FsErrors.From(e);
            }

            return data ? FsError.NoData : size;
        }
    }

    private FsError? ChangeSpaceNeedsLock(SpaceChange change, long start, long end, bool keepSize)
    {
        var size = keepSize ? _node.Size : Math.Max(_node.Size, end);
        try
        {
            // Of an overlay the map alone says how long it is. Its staging file may be longer: behind a file's end no space is given back.
            var keepLength = keepSize && _log is null;
            if (change == SpaceChange.Allocate) SparseFile.Allocate(_file!, start, end - start, keepLength);
            else if (change == SpaceChange.Zero) SparseFile.Zero(_file!, start, end - start, keepLength);
            else if (!SparseFile.TryPunch(_file!, start, end - start)) return FsError.NotSupported;
            if (size > _node.Size) _log?.Truncate(size);
            if (change != SpaceChange.Allocate) _log?.Add(start, Math.Min(end, size));
        }
        catch (IOException e)
        {
            return _services.Refused(e);
        }

        if (change != SpaceChange.Allocate && start < size)
        {
            _crc = default;
            MendNeedsLock(start, Math.Min(end, size));
        }

        if (size > _node.Size) _crc.Truncate(size);
        _node.Size = size;
        TouchNeedsLock();
        return null;
    }

    private DataRun RunAtNeedsLock(long offset, long limit)
    {
        if (_generation is not null)
        {
            var piece = _log?.Map.At(offset, limit) ?? new Extent(offset, limit, ExtentOwner.Overlay);
            if (piece.Owner == ExtentOwner.Overlay) return SparseFile.RunAt(_file!, offset, piece.End);
            if (piece.Owner == ExtentOwner.Zeros) return new DataRun(piece.End, false);
            limit = piece.End;
        }

        OpenBelowNeedsLock();
        return _sealed?.RunAt(offset, limit) ?? new DataRun(limit, true);
    }

    private long StoredBytesNeedsLock() => SparseFile.AllocatedBytes(_file!) + (_log?.Map.BaseBytes ?? 0);
}
