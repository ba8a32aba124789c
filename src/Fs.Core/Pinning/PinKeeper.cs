using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Keeps what is pinned on the local disk: lists pinned folders to their end, again and again, and fetches into the read cache what only the
/// bucket has. One file after the other, ahead of nobody who reads; what is there already costs no request.
/// </summary>
internal sealed class PinKeeper : IAsyncDisposable
{
    /// <summary>Changes of the bucket come in crowds: one look for all of so long.</summary>
    private static readonly TimeSpan NoticePause = TimeSpan.FromSeconds(1);

    private readonly Tree _tree;
    private readonly DirectoryLister _lister;
    private readonly RemoteContents _remotes;
    private readonly CoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _asked = new(0, 1);
    private readonly SemaphoreSlim _noticed = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<string, PinReport> _reports = new(StringComparer.Ordinal);
    private PinSet _pins;
    private Task _running = Task.CompletedTask;

    /// <param name="pins">What is pinned now.</param>
    /// <param name="tree">The nodes.</param>
    /// <param name="lister">Lists pinned folders.</param>
    /// <param name="remotes">Where bytes are kept.</param>
    /// <param name="options">How often folders are listed again.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public PinKeeper(
        PinSet pins, Tree tree, DirectoryLister lister, RemoteContents remotes, CoreOptions options, TimeProvider time, ILogger logger)
    {
        _pins = pins;
        _tree = tree;
        _lister = lister;
        _remotes = remotes;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>What is pinned.</summary>
    public PinSet Pins => Volatile.Read(ref _pins);

    /// <summary>Begins to keep.</summary>
    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Takes over another set, and looks through it now.</summary>
    public void Change(PinSet pins)
    {
        Volatile.Write(ref _pins, pins);
        Release(_asked);
    }

    /// <summary>Something changed in the bucket: looks again soon.</summary>
    public void Notice()
    {
        if (Pins.Paths.Count > 0) Release(_noticed);
    }

    /// <summary>How it stands.</summary>
    public IReadOnlyList<PinReport> Read()
    {
        lock (_lock)
        {
            return [.. Pins.Paths.Order(StringComparer.Ordinal).Select(path =>
                _reports.GetValueOrDefault(path) ?? new PinReport(path, 0, 0, 0, null) { Complete = false })];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _asked.Dispose();
        _noticed.Dispose();
    }

    private static void Release(SemaphoreSlim semaphore)
    {
        try
        {
            semaphore.Release();
        }
        catch (SemaphoreFullException)
        {
            // said already
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await KeepAllAsync();
                await WaitAsync(Pins.Paths.Count == 0 ? Timeout.InfiniteTimeSpan : _options.PinAge);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
    }

    private async Task WaitAsync(TimeSpan atMost)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        Task[] reasons = [_asked.WaitAsync(either.Token), NoticedAsync(either.Token), Task.Delay(atMost, _time, either.Token)];
        await Task.WhenAny(reasons);
        await either.CancelAsync();
        await Task.WhenAll(reasons).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private async Task NoticedAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(NoticePause, _time, cancellationToken);
        await _noticed.WaitAsync(cancellationToken);
    }

    private async Task KeepAllAsync()
    {
        var kept = new Dictionary<string, long>(StringComparer.Ordinal);
        var pins = Pins;
        foreach (var path in pins.Paths)
        {
            var error = await TryKeepAsync(path, kept);
            if (error is not null) Report(path, report => report with { Error = error.Message, Complete = false });
        }

        // Until everything was seen, what was kept before stays so: an outage must not unpin.
        if (Read().All(report => report.Error is null)) _remotes.KeepOnly(kept);
        lock (_lock)
        {
            foreach (var gone in _reports.Keys.Except(pins.Paths).ToList()) _reports.Remove(gone);
        }
    }

    private async Task<FsError?> TryKeepAsync(string path, Dictionary<string, long> kept)
    {
        try
        {
            var (found, error) = await FindAsync(path);
            if (error is not null) return error;
            var (files, bytes) = (found.Count, found.Sum(file => file.Size));
            var missing = found.Sum(file => file.Version is { } version ? version.Size - _remotes.HeldBytes(version.Key, version.ETag!, version.Size) : 0);
            Report(path, _ => new PinReport(path, files, bytes, missing, null) { Complete = missing == 0 });
            foreach (var version in found.Select(file => file.Version).OfType<RemoteState>())
            {
                var content = _remotes.Open(version.Key, version.ETag!, version.Size);
                try
                {
                    kept[content.FileName] = content.Size;
                    _remotes.Keep(content);
                    for (long at = 0; (at = content.FirstMissing(at)) < content.Size;)
                    {
                        if (!await content.FetchAsync(at, RemoteContent.Block, _stop.Token)) return FsError.NoSpace;
                        var next = content.FirstMissing(at);
                        Report(path, report => report with { MissingBytes = Math.Max(0, report.MissingBytes - (next - at)) });
                        at = next;
                    }
                }
                finally
                {
                    _remotes.Close(content);
                }
            }

            Report(path, report => report with { MissingBytes = 0, Complete = true });
            return null;
        }
        catch (StoreException e)
        {
            // A version that was replaced meanwhile is the next listing's matter; an archived one is nobody's until it is restored.
            _logger.LogInformation("{Path} is not all on the local disk yet: {Message} {Remedy}", path, e.Message, e.Remedy);
            return FsErrors.From(e);
        }
    }

    /// <summary>All files at or below a path; folders never listed, or too long ago, are listed.</summary>
    private async Task<(List<PinnedFile> Files, FsError? Error)> FindAsync(string path)
    {
        var files = new List<PinnedFile>();
        var at = new NodeId(_tree.Root.Id);
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (await ListIfOldAsync(at) is { } failed) return (files, failed);
            lock (_tree.Lock)
            {
                if (_tree.FindNeedsLock(at) is not { IsDirectory: true } directory || !_tree.ChildrenNeedsLock(directory).TryGetValue(name, out var child))
                    return (files, FsError.NotFound);
                at = new NodeId(child.Id);
            }
        }

        var left = new Stack<NodeId>([at]);
        while (left.TryPop(out var next))
        {
            if (await ListIfOldAsync(next) is { } error) return (files, error);
            lock (_tree.Lock)
            {
                if (_tree.FindNeedsLock(next) is not { } node) continue; // removed meanwhile
                if (node.Type == NodeType.File) files.Add(new PinnedFile(node.Size, OnlyInBucket(node)));
                if (!node.IsDirectory) continue;
                foreach (var child in _tree.ChildrenNeedsLock(node).Values) left.Push(new NodeId(child.Id));
            }
        }

        return (files, null);
    }

    private async Task<FsError?> ListIfOldAsync(NodeId id)
    {
        Node directory;
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(id) is not { IsDirectory: true } found) return null;
            var madeHere = found.ListedAt is null && Tree.IsComplete(found);
            var age = FsTime.NowMilliseconds(_time) - (found.ListedAt ?? 0);
            if (madeHere || (Tree.IsComplete(found) && age < (long)_options.PinAge.TotalMilliseconds)) return null;
            directory = found;
        }

        return await _lister.ListAsync(directory, _stop.Token);
    }

    private static RemoteState? OnlyInBucket(Node node) =>
        node is { Content: null, OpenGeneration: null, Remote: { ETag: not null, Size: > 0 } remote } ? remote : null;

    private void Report(string path, Func<PinReport, PinReport> change)
    {
        lock (_lock) _reports[path] = change(_reports.GetValueOrDefault(path) ?? new PinReport(path, 0, 0, 0, null) { Complete = false });
    }

    /// <summary>A file below a pinned path, and the version to fetch, or null where its content is local.</summary>
    private readonly record struct PinnedFile(long Size, RemoteState? Version);
}
