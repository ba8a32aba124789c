using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>A sparse file of the read cache. Its descriptor is opened on demand and may be closed at any time by the pool, so that
/// thousands of open objects need few of them. Thread-safe.</summary>
internal sealed class CacheFile(CacheFilePool pool, string path)
{
    private SafeFileHandle? _handle;
    private bool _retired;

    /// <summary>Set by each use, cleared by the pool when it looks for one to close.</summary>
    public bool Touched { get; set; }

    /// <summary>Reads all of the buffer. Throws <see cref="IOException"/> when the file is gone or shorter than it must be.</summary>
    public void Read(long offset, Span<byte> buffer)
    {
        while (true)
        {
            try
            {
                var handle = Handle(create: false);
                while (buffer.Length > 0)
                {
                    var read = RandomAccess.Read(handle, buffer, offset);
                    if (read == 0) throw new EndOfStreamException($"{path} of the read cache is shorter than its index says");
                    buffer = buffer[read..];
                    offset += read;
                }

                return;
            }
            catch (ObjectDisposedException)
            {
                // closed by the pool between the two lines: opened again
            }
        }
    }

    /// <summary>Writes, creating the file when there is none.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            try
            {
                RandomAccess.Write(Handle(create: true), data, offset);
                CrashPoints.Reach(CrashPoints.CacheWritten);
                return;
            }
            catch (ObjectDisposedException)
            {
                // closed by the pool between the two calls: opened again
            }
        }
    }

    /// <summary>Gives a range back to the disk. False where that is not possible.</summary>
    public bool TryPunch(long offset, long length)
    {
        while (true)
        {
            try
            {
                return SparseFile.TryPunch(Handle(create: false), offset, length);
            }
            catch (ObjectDisposedException)
            {
                // closed by the pool between the two calls: opened again
            }
        }
    }

    /// <summary>Closes it for good: what a download that was stopped still brings must not make the file again.</summary>
    public void Retire() => pool.Retire(this);

    /// <summary>For the pool, under its lock. A call that uses the descriptor ends first: the runtime sees to that.</summary>
    public void CloseNeedsPoolLock(bool forGood)
    {
        _retired |= forGood;
        var handle = _handle;
        Volatile.Write(ref _handle, null);
        handle?.Dispose();
    }

    /// <summary>For the pool, under its lock.</summary>
    public SafeFileHandle OpenNeedsPoolLock(bool create)
    {
        if (_retired) throw new IOException($"{path} of the read cache is not used any more");
        if (_handle is { } open) return open;
        var isNew = create && !File.Exists(path);
        var handle = isNew ? StagingFile.Create(path) : StagingFile.OpenForWriting(path);
        if (isNew) SparseFile.Prepare(handle);
        Volatile.Write(ref _handle, handle);
        return handle;
    }

    private SafeFileHandle Handle(bool create)
    {
        Touched = true;
        return Volatile.Read(ref _handle) ?? pool.Open(this, create);
    }
}

/// <summary>The open descriptors of the read cache: at most a number of them; the next victim is one that was not used since the hand
/// last passed ("clock"), which needs no bookkeeping at a read.</summary>
internal sealed class CacheFilePool(int limit)
{
    private readonly Lock _lock = new();
    private readonly List<CacheFile> _open = [];
    private int _hand;

    /// <summary>Descriptors open now.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _open.Count;
        }
    }

    public SafeFileHandle Open(CacheFile file, bool create)
    {
        lock (_lock)
        {
            var isOpen = _open.Contains(file); // by another thread, a moment ago
            if (!isOpen && _open.Count >= limit) CloseOneNeedsLock();
            var handle = file.OpenNeedsPoolLock(create);
            if (!isOpen) _open.Add(file);
            return handle;
        }
    }

    public void Retire(CacheFile file)
    {
        lock (_lock)
        {
            file.CloseNeedsPoolLock(forGood: true);
            _open.Remove(file);
        }
    }

    private void CloseOneNeedsLock()
    {
        while (true)
        {
            _hand = (_hand + 1) % _open.Count;
            var file = _open[_hand];
            if (file.Touched)
            {
                file.Touched = false;
                continue;
            }

            file.CloseNeedsPoolLock(forGood: false);
            _open.RemoveAt(_hand);
            return;
        }
    }
}
