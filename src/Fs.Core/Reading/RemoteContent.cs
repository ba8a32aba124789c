using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// One version of a remote object: the ranges of it that are in the cache, its readers, and the downloads under way. Every range is
/// asked for with If-Match, so the bytes are those of one version or an error. All readers of the version share it. Split by
/// concern: this file reads and decides what to fetch, .Downloads fetches.
/// <para>Thread-safe. <see cref="_lock"/> comes after the file's lock and the lock of <see cref="RemoteContents"/>; neither disk nor
/// store is used under it, but for holes that are punched while nobody reads.</para>
/// </summary>
internal sealed partial class RemoteContent
{
    /// <summary>Reads at random fetch whole blocks of this many bytes.</summary>
    public const int Block = 128 * 1024;

    /// <summary>Objects up to this size come in one request.</summary>
    public const long WholeUpTo = 1L << 20;

    private readonly Lock _lock = new();
    private readonly RemoteContents _owner;
    private readonly CacheFile _file;
    private readonly ReadStreams _streams = new();
    private readonly List<RangeDownload> _downloads = [];
    private ExtentMap _held = new(0);
    private long _heldBytes;
    private int _reading;
    private bool _shedRefused;
    private bool _changed;
    private long _used;

    // After a failure nothing is fetched ahead, and after one of the local disk nothing is kept, for a while.
    private long _noReadAheadBefore;
    private long _notKeptBefore;

    /// <param name="owner">The drive's contents.</param>
    /// <param name="file">Where the bytes are kept.</param>
    /// <param name="cached">What they are and which are here already.</param>
    public RemoteContent(RemoteContents owner, CacheFile file, CachedObject cached)
    {
        _owner = owner;
        _file = file;
        _used = cached.Used;
        (Key, ETag, Size, FileName) = (cached.Key, cached.ETag, cached.Size, cached.File);
        foreach (var (start, end) in cached.Ranges) _held.Add(start, end);
        _heldBytes = _held.Covered;
    }

    public string Key { get; }

    public string ETag { get; }

    public long Size { get; }

    /// <summary>Name of the file in the cache's folder.</summary>
    public string FileName { get; }

    /// <summary>Open files and fetching readers. Guarded by the lock of <see cref="RemoteContents"/>.</summary>
    public int Users { get; set; }

    /// <summary>When it was last read, milliseconds since 1970.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Bytes held locally.</summary>
    public long HeldBytes
    {
        get
        {
            lock (_lock) return _heldBytes;
        }
    }

    /// <summary>The first byte from an offset on that is not here; the object's size when all is.</summary>
    public long FirstMissing(long offset)
    {
        lock (_lock)
        {
            while (offset < Size && _held.At(offset, Size) is { Owner: ExtentOwner.Overlay } piece) offset = piece.End;
            return Math.Min(offset, Size);
        }
    }

    /// <summary>Reads what is already here; 0 when the byte at <paramref name="offset"/> is not. Fetches ahead of a reader that goes
    /// forward.</summary>
    public int TryRead(long offset, Span<byte> buffer)
    {
        int length;
        lock (_lock)
        {
            var end = Math.Min(Size, offset + buffer.Length);
            var stream = _streams.Observe(offset, end);
            var piece = _held.At(offset, end);
            if (piece.Owner != ExtentOwner.Overlay) return 0;
            length = (int)piece.Length;
            Interlocked.Increment(ref _reading);
            _used = _owner.NowMilliseconds();
            _changed = true;
            ReadAheadNeedsLock(stream);
        }

        try
        {
            _file.Read(offset, buffer[..length]);
            return length;
        }
        catch (IOException e)
        {
            Forget(e);
            return 0;
        }
        finally
        {
            if (Interlocked.Decrement(ref _reading) == 0 && Volatile.Read(ref _shedRefused)) _owner.StartMaintenance();
        }
    }

    /// <summary>Returns when the byte at <paramref name="offset"/> is here; false when the cache has no room for it. Throws
    /// <see cref="StoreException"/>, also when no byte comes for the drive's read time-out. A download that nobody else waits for ends
    /// when the caller gives up.</summary>
    public async Task<bool> FetchAsync(long offset, int length, CancellationToken cancellationToken)
    {
        RangeWaiter waiter;
        lock (_lock)
        {
            if (_held.At(offset, offset + 1).Owner == ExtentOwner.Overlay) return true;
            if (_owner.NowMilliseconds() < _notKeptBefore) return false;
            var stream = _streams.Observe(offset, Math.Min(Size, offset + length));
            stream.Waited();
            var download = Find(offset) ?? StartWantedNeedsLock(offset, length, stream);
            waiter = download.Wait(offset);
        }

        try
        {
            await WaitAsync(waiter, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false; // the local disk's; the store's are StoreExceptions
        }
    }

    /// <summary>Reads without the cache: one request for just these bytes.</summary>
    public async Task<int> ReadThroughAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var length = (int)Math.Min(buffer.Length, Size - offset);
        using var patience = new CancellationTokenSource(_owner.Options.ReadTimeout, _owner.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await _owner.Budget.EnterAsync(either.Token);
            try
            {
                using var body = await GetAsync(offset, length, either.Token);
                await body.Content.ReadExactlyAsync(buffer[..length], either.Token);
                return length;
            }
            finally
            {
                _owner.Budget.Leave();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TimedOut();
        }
        catch (EndOfStreamException e)
        {
            throw CutShort(e);
        }
    }

    /// <summary>What the index has to know, or null when it knows it already or there is nothing to know. The caller writes it.</summary>
    public CachedObject? TakeChange(long drive)
    {
        lock (_lock)
        {
            if (!_changed || _heldBytes == 0) return null;
            _changed = false;
            var ranges = _held.Pieces(Size).Where(piece => piece.Owner == ExtentOwner.Overlay).Select(piece => (piece.Start, piece.End));
            return new CachedObject(drive, Key, ETag, Size, FileName, _used, [.. ranges]);
        }
    }

    /// <summary>Whether the index knows all that is here.</summary>
    public bool IsWritten
    {
        get
        {
            lock (_lock) return !_changed;
        }
    }

    /// <summary>The index could not be written.</summary>
    public void PutBackChange()
    {
        lock (_lock) _changed = true;
    }

    /// <summary>Gives bytes back to the disk that no reader is near. The index speaks of none of them any more. Returns how many.</summary>
    public long Shed()
    {
        lock (_lock)
        {
            _changed = true;
            _shedRefused = Volatile.Read(ref _reading) > 0;
            if (_shedRefused) return 0; // the reader asks for it once it is done
            var kept = new ExtentMap(0);
            foreach (var piece in _held.Pieces(Size))
            {
                if (piece.Owner != ExtentOwner.Overlay) continue;
                for (var at = piece.Start; at < piece.End;)
                {
                    var end = Math.Min(piece.End, at - (at % ReadStream.FirstWindow) + ReadStream.FirstWindow);
                    if (IsNearNeedsLock(at, end) || !_file.TryPunch(at, end - at)) kept.Add(at, end);
                    at = end;
                }
            }

            var shed = _heldBytes - kept.Covered;
            _held = kept;
            _heldBytes -= shed;
            return shed;
        }
    }

    /// <summary>Nobody has the object open: what is on its way is for nobody.</summary>
    public void StopAll()
    {
        List<RangeDownload> stopped;
        lock (_lock)
        {
            stopped = [.. _downloads];
            foreach (var download in stopped) download.Stop();
            _downloads.Clear();
        }

        foreach (var download in stopped) download.Cancel();
    }

    /// <summary>Nothing will be read or written here any more.</summary>
    public void Retire()
    {
        StopAll();
        _file.Retire();
    }

    private bool IsNearNeedsLock(long start, long end)
    {
        foreach (var stream in _streams.All)
        {
            if (end > stream.Next - ReadStream.FirstWindow && start < stream.Next + stream.Window) return true;
        }

        return _downloads.Exists(download => end > download.Position && start < download.End);
    }

    // The file is not what the index says: somebody else was at it. What it held is fetched again.
    private void Forget(IOException e)
    {
        long bytes;
        lock (_lock)
        {
            bytes = _heldBytes;
            _held = new ExtentMap(0);
            _heldBytes = 0;
        }

        _owner.Lost(this, bytes, e);
    }

    // Half a window or more is here or on its way: enough. Otherwise the rest of the next, longer one is asked for.
    private void ReadAheadNeedsLock(ReadStream stream)
    {
        if (stream.Window == 0 || stream.Next >= Size) return;
        var missing = MissingFromNeedsLock(stream.Next, Math.Min(Size, stream.Next + stream.Window));
        if (missing >= Size || missing - stream.Next > stream.Window / 2) return;
        var now = _owner.NowMilliseconds();
        if (now < _noReadAheadBefore || now < _notKeptBefore) return;
        stream.Grow();
        var limit = Math.Min(Size, stream.Next + stream.Window);
        while ((missing = MissingFromNeedsLock(missing, limit)) < limit)
        {
            var end = EndOfGapNeedsLock(missing, Math.Min(limit, missing + stream.RequestLength));
            if (!_owner.Budget.TryTakeAhead(end - missing)) return;
            StartNeedsLock(missing, end, ahead: end - missing);
            missing = end;
        }
    }

    private RangeDownload StartWantedNeedsLock(long offset, int length, ReadStream stream)
    {
        var (start, end) = (offset - (offset % Block), offset + length);
        if (Size <= WholeUpTo) (start, end) = (0, Size);
        else if (stream.Window > 0) end = Math.Max(end, offset + stream.RequestLength);

        // What is here already, or on its way, in front of the wanted byte is not fetched again.
        for (start = MissingFromNeedsLock(start, offset); EndOfGapNeedsLock(start, offset + 1) <= offset;)
        {
            start = MissingFromNeedsLock(EndOfGapNeedsLock(start, offset + 1), offset);
        }

        end = EndOfGapNeedsLock(start, Math.Min(Size, (end + Block - 1) / Block * Block));
        var download = StartNeedsLock(start, end, ahead: 0);
        ReadAheadNeedsLock(stream);
        return download;
    }

    /// <summary>The first byte from an offset on that is neither here nor on its way; the limit when there is none.</summary>
    private long MissingFromNeedsLock(long offset, long limit)
    {
        while (offset < limit)
        {
            var piece = _held.At(offset, limit);
            if (piece.Owner == ExtentOwner.Overlay) offset = piece.End;
            else if (Find(offset) is { } download) offset = download.End;
            else return offset;
        }

        return limit;
    }

    private long EndOfGapNeedsLock(long offset, long limit)
    {
        var end = _held.At(offset, limit).End;
        foreach (var download in _downloads)
        {
            if (download.Position > offset && download.Position < end) end = download.Position;
        }

        return end;
    }

    private RangeDownload? Find(long offset)
    {
        foreach (var download in _downloads)
        {
            if (download.Contains(offset)) return download;
        }

        return null;
    }
}
