using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// The read cache of a drive: versions of remote objects, shared by key, ETag and size. Those that are open, or whose index row is not
/// written yet, are in memory; all others are rows of cache.db and sparse files. Split by concern: this file opens and closes,
/// .Space writes the index and makes room.
/// <para>Lock order: <see cref="_maintaining"/>, then <see cref="_lock"/>, then a content's own. The file's lock comes before the
/// last two. The store is never called under any.</para>
/// </summary>
internal sealed partial class RemoteContents : IAsyncDisposable
{
    /// <summary>After a failure of a download nothing is fetched ahead for so long, and after one of the disk nothing is kept: milliseconds.</summary>
    public const long PauseAfterFailure = 2000;

    /// <summary>Most descriptors of cache files open at once.</summary>
    private const int MostDescriptors = 256;

    /// <summary>Most requests for ranges under way at once; further ones wait. Uploads have the store's other connections.</summary>
    private const int MostRequests = 64;

    /// <summary>So many closed contents wait for the index at most.</summary>
    private const int MostUnwritten = 1024;

    private static readonly TimeSpan IndexPause = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly long _drive;
    private readonly CacheStore _index;
    private readonly ILogger _logger;
    private readonly CacheFilePool _pool = new(MostDescriptors);
    private readonly StagingSpace _disk;
    private readonly RareWarning _diskWarning;
    private readonly Dictionary<(string Key, string ETag, long Size), RemoteContent> _contents = [];
    private readonly HashSet<string> _files = [];
    private readonly HashSet<Task> _running = [];
    private readonly ITimer _timer;
    private long _hit;
    private long _missed;
    private int _idle;
    private bool _disposed;

    /// <param name="reader">The store.</param>
    /// <param name="stateFolder">State folder; the files are below it in <c>cache/</c> and the drive's id.</param>
    /// <param name="drive">Drive id.</param>
    /// <param name="index">What the files hold.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public RemoteContents(
        IObjectReader reader, string stateFolder, long drive, CacheStore index, CoreOptions options, TimeProvider time, ILogger logger)
    {
        Reader = reader;
        Options = options;
        Time = time;
        _diskWarning = new RareWarning(time);
        Budget = new DownloadBudget(options.ReadAheadLimit, MostRequests);
        _folder = Path.Combine(stateFolder, "cache", drive.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _drive = drive;
        _index = index;
        _logger = logger;
        PrivateFolder.Create(_folder);
        _disk = new StagingSpace(stateFolder, options.StagingReserve, time) { Reclaim = () => Reclaim(ReclaimedAtOnce) };
        _bytes = index.CachedBytes(drive);
        _timer = time.CreateTimer(static contents => ((RemoteContents)contents!).StartMaintenance(), this, IndexPause, IndexPause);
        Run(() => Task.Run(Sweep));
    }

    public IObjectReader Reader { get; }

    public CoreOptions Options { get; }

    public TimeProvider Time { get; }

    public DownloadBudget Budget { get; }

    /// <summary>What was read of it, and past it.</summary>
    public CacheReads Reads => new(Interlocked.Read(in _hit), Interlocked.Read(in _missed));

    /// <summary>Counts bytes that were given to a program.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="waited">Whether the program had to wait for them.</param>
    public void CountRead(int bytes, bool waited) => Interlocked.Add(ref waited ? ref _missed : ref _hit, bytes);

    /// <summary>Descriptors that are open now.</summary>
    public int Descriptors => _pool.Count;

    public long NowMilliseconds() => FsTime.NowMilliseconds(Time);

    /// <summary>The content of a version; give it back with <see cref="Close"/>.</summary>
    public RemoteContent Open(string key, string etag, long size)
    {
        lock (_lock)
        {
            if (!_contents.TryGetValue((key, etag, size), out var content))
            {
                var cached = FindNeedsLock(key, etag, size)
                    ?? new CachedObject(_drive, key, etag, size, StagingFolder.NewName(), NowMilliseconds(), []);
                content = new RemoteContent(this, new CacheFile(_pool, Path.Combine(_folder, cached.File)), cached);
                _contents.Add((key, etag, size), content);
                _files.Add(cached.File);
            }

            else if (content.Users == 0)
            {
                _idle--;
            }

            content.Users++;
            return content;
        }
    }

    /// <summary>One user more of a content that is open, for the time of a fetch.</summary>
    public void Retain(RemoteContent content)
    {
        lock (_lock) content.Users++;
    }

    public void Close(RemoteContent content)
    {
        bool drop;
        bool crowded;
        lock (_lock)
        {
            if (--content.Users > 0) return;
            _idle++;
            drop = content.HeldBytes == 0;
            if (drop) RemoveNeedsLock(content);
            crowded = _idle > MostUnwritten;
        }

        content.StopAll();
        if (drop) content.Retire();
        if (crowded) StartMaintenance();
    }

    /// <summary>The bucket has confirmed another state of a node. Where that is the same bytes under another key or ETag, what is here of
    /// them stays good. Of a file that is open nothing is taken along.</summary>
    public void Follow(RemoteState? former, RemoteState? now)
    {
        if (former is not { ETag: { } etag } || now is not { ETag: { } newETag } || former.Size != now.Size) return;
        if (former.Key == now.Key && etag == newETag) return;
        var same = etag == newETag || (former.Generation is not null && former.Generation == now.Generation)
            || (former.Crc is not null && former.Crc == now.Crc);
        if (!same) return;
        lock (_maintaining)
        {
            WriteIndex();
            lock (_lock)
            {
                if (_contents.ContainsKey((former.Key, etag, former.Size)) || _contents.ContainsKey((now.Key, newETag, now.Size))) return;
                Guarded(() => _index.MoveCached(_drive, former.Key, etag, former.Size, now.Key, newETag));
            }
        }
    }

    /// <summary>Runs a download, and lets <see cref="DisposeAsync"/> wait for it.</summary>
    public void Run(Func<Task> work)
    {
        var task = Task.Run(work);
        lock (_running) _running.Add(task);
        _ = task.ContinueWith(
            done =>
            {
                lock (_running) _running.Remove(done);
            },
            TaskScheduler.Default);
    }

    /// <summary>A download failed. What the store said is for its readers; the rest they do not get to know.</summary>
    public void Failed(Exception e)
    {
        if (e is IOException)
        {
            if (_diskWarning.IsDue()) _logger.LogWarning("the read cache cannot keep what is read: {Message}", e.Message);
        }
        else if (e is not StoreException)
        {
            _logger.LogError(e, "a download failed");
        }
    }

    /// <summary>A file of the cache turned out not to hold what it should.</summary>
    public void Lost(RemoteContent content, long bytes, IOException e)
    {
        Interlocked.Add(ref _bytes, -bytes);
        _logger.LogWarning("{File} of the read cache cannot be read and is fetched again: {Message}", content.FileName, e.Message);
        Guarded(() => _index.RemoveCached([content.FileName]));
    }

    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        Volatile.Write(ref _disposed, true);
        foreach (var content in Snapshot()) content.StopAll();
        Task[] running;
        lock (_running) running = [.. _running];
        await Task.WhenAll(running);
        lock (_maintaining) WriteIndex();
        foreach (var content in Snapshot()) content.Retire();
        Budget.Dispose();
    }

    private List<RemoteContent> Snapshot()
    {
        lock (_lock) return [.. _contents.Values];
    }

    private CachedObject? FindNeedsLock(string key, string etag, long size)
    {
        try
        {
            return _index.Cached(_drive, key, etag, size);
        }
        catch (JournalException e)
        {
            _logger.LogWarning("the index of the read cache cannot be read: {Message}", e.Message);
            return null;
        }
    }

    /// <summary>Forgets a content that nobody uses; the caller retires it outside the lock.</summary>
    private void RemoveNeedsLock(RemoteContent content)
    {
        _idle--;
        _contents.Remove((content.Key, content.ETag, content.Size));
        _files.Remove(content.FileName);
    }

    // The cache is never a reason to fail: without its index it only keeps less.
    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (JournalException e)
        {
            _logger.LogWarning("the index of the read cache cannot be written: {Message}", e.Message);
        }
    }
}
