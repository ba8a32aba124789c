using Microsoft.Win32.SafeHandles;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// One version of a remote object, fetched in ranges into a sparse file. Every range is asked for with If-Match, so the bytes are
/// those of one version or an error. All readers of the version share it and its downloads. Thread-safe.
/// </summary>
internal sealed class RemoteContent : IDisposable
{
    private const int Chunk = 256 * 1024;
    private const long SmallestWindow = 1L << 20;
    private const long LargestWindow = 16L << 20;

    private readonly Lock _lock = new();
    private readonly IObjectReader _reader;
    private readonly SafeFileHandle _file;
    private readonly ExtentMap _map = new(0);
    private readonly List<RangeDownload> _downloads = [];
    private readonly CancellationTokenSource _closed = new();
    private long _window = SmallestWindow;
    private long _expectedNext;

    public RemoteContent(IObjectReader reader, SafeFileHandle file, string key, string etag, long size)
    {
        _reader = reader;
        _file = file;
        Key = key;
        ETag = etag;
        Size = size;
    }

    public string Key { get; }

    public string ETag { get; }

    public long Size { get; }

    /// <summary>Bytes held locally.</summary>
    public long CachedBytes
    {
        get
        {
            lock (_lock) return _map.Covered;
        }
    }

    /// <summary>Reads what is already here; 0 when the byte at <paramref name="offset"/> is not.</summary>
    public int TryRead(long offset, Span<byte> buffer)
    {
        long available;
        lock (_lock)
        {
            var piece = _map.At(offset, offset + buffer.Length);
            if (piece.Owner != ExtentOwner.Overlay) return 0;
            available = piece.Length;
        }

        var part = buffer[..(int)available];
        LocalFile.ReadFully(_file, offset, part);
        return part.Length;
    }

    /// <summary>Returns when the byte at <paramref name="offset"/> is here. Throws <see cref="StoreException"/>; when the caller gives
    /// up the download goes on for the others.</summary>
    public async Task FetchAsync(long offset, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task progress;
            lock (_lock)
            {
                if (_map.At(offset, offset + 1).Owner == ExtentOwner.Overlay) return;
                var download = _downloads.Find(d => d.Position <= offset && offset < d.End) ?? StartNeedsLock(offset);
                progress = download.Progress;
            }

            await progress.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _closed.Cancel();
        List<Task> running;
        lock (_lock) running = _downloads.ConvertAll(d => d.Completion);
        if (running.Count == 0) Release();
        else _ = Task.WhenAll(running).ContinueWith(_ => Release(), TaskScheduler.Default);
    }

    private void Release()
    {
        _file.Dispose();
        _closed.Dispose();
    }

    // Reading on where the last download ended doubles the window; a jump makes it small again.
    private RangeDownload StartNeedsLock(long offset)
    {
        var start = offset - (offset % Chunk);
        _window = start == _expectedNext ? Math.Min(_window * 2, LargestWindow) : SmallestWindow;
        var end = Math.Min(Size, start + _window);
        for (var at = start; at < end;)
        {
            var piece = _map.At(at, end);
            if (piece.Owner == ExtentOwner.Overlay && at > offset)
            {
                end = at;
                break;
            }

            at = piece.End;
        }

        _expectedNext = end;
        var download = new RangeDownload(start, end);
        _downloads.Add(download);
        download.Completion = Task.Run(() => RunAsync(download));
        return download;
    }

    private async Task RunAsync(RangeDownload download)
    {
        try
        {
            var range = new ByteRange(download.Position, download.End - download.Position);
            using var body = await _reader.GetAsync(Key, range, ETag, _closed.Token);
            var buffer = new byte[Chunk];
            while (download.Position < download.End)
            {
                var wanted = (int)Math.Min(buffer.Length, download.End - download.Position);
                await body.Content.ReadExactlyAsync(buffer.AsMemory(0, wanted), _closed.Token);
                RandomAccess.Write(_file, buffer.AsSpan(0, wanted), download.Position);
                lock (_lock)
                {
                    _map.Add(download.Position, download.Position + wanted);
                    download.Position += wanted;
                    if (download.Position == download.End) _downloads.Remove(download);
                }

                download.Advance();
            }
        }
        catch (Exception e)
        {
            lock (_lock) _downloads.Remove(download);
            download.Fail(e is EndOfStreamException ? new StoreException(StoreErrorKind.Network, $"the body of {Key} was cut short", e) : e);
        }
    }

    /// <summary>A download under way: what is before <see cref="Position"/> is here.</summary>
    private sealed class RangeDownload(long start, long end)
    {
        private TaskCompletionSource _progress = New();

        public long Position { get; set; } = start;

        public long End { get; } = end;

        public Task Progress => Volatile.Read(ref _progress).Task;

        public Task Completion { get; set; } = Task.CompletedTask;

        public void Advance() => Interlocked.Exchange(ref _progress, New()).SetResult();

        public void Fail(Exception e)
        {
            var progress = Volatile.Read(ref _progress);
            progress.SetException(e);
            _ = progress.Task.Exception; // observed here: there may be no reader left
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
