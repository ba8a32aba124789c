using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Reads the attributes that a listing does not tell (mode, owner, time, symbolic links) from the metadata of objects that others
/// wrote: at once of those that somebody opens or asks for by name, slowly of all in directories that were listed (see
/// <see cref="LearningBacklog"/>). Asking is limited too: to the kernel's questions it makes no difference whether somebody wants one name
/// or walks through all there are. Nobody waits for it: what is learned is shown from then on. What an object says holds for its ETag.
/// </summary>
internal sealed class AttributeLearner : IAsyncDisposable
{
    /// <summary>No longer target fits into PATH_MAX.</summary>
    public const int MaxTargetBytes = 4096;

    private const int MaxAsked = 1024;

    /// <summary>So many names may be asked for at once; after that as many a second as in the background.</summary>
    private const double AskedAtOnce = 64;

    private static readonly TimeSpan AwayPause = TimeSpan.FromSeconds(10);

    private readonly Tree _tree;
    private readonly IObjectReader _store;
    private readonly CoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<FsInvalidation> _announce;
    private readonly LearningBacklog _backlog;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, Task> _underWay = [];
    private readonly Task[] _running;
    private double _mayAsk = AskedAtOnce;
    private DateTimeOffset _refilled;

    // What is asked for while so much waits is learned in the background.
    private readonly Channel<long> _asked = Channel.CreateBounded<long>(new BoundedChannelOptions(MaxAsked) { FullMode = BoundedChannelFullMode.DropWrite });

    public AttributeLearner(Tree tree, IObjectReader store, CoreOptions options, TimeProvider time, ILogger logger, Action<FsInvalidation> announce)
    {
        _tree = tree;
        _store = store;
        _options = options;
        _time = time;
        _logger = logger;
        _announce = announce;
        _backlog = new LearningBacklog(tree);
        _refilled = time.GetUtcNow();
        _running =
        [
            .. Enumerable.Range(0, options.LearnAtOnce).Select(_ => Task.Run(() => GuardedAsync(AnswerAsync))),
            .. options.LearnPerSecond > 0 ? (Task[])[Task.Run(() => GuardedAsync(WorkOffAsync))] : [],
        ];
    }

    /// <summary>Somebody opens a node. Cheap; under the tree's lock.</summary>
    public void OpenNeedsLock(Node node)
    {
        if (node.IsUnlearned) _asked.Writer.TryWrite(node.Id);
    }

    /// <summary>Somebody wants to know a node's attributes. Cheap; under the tree's lock.</summary>
    public void AskNeedsLock(Node node)
    {
        if (!node.IsUnlearned || _options.LearnPerSecond == 0) return;
        var now = _time.GetUtcNow();
        _mayAsk = Math.Min(AskedAtOnce, _mayAsk + ((now - _refilled).TotalSeconds * _options.LearnPerSecond));
        _refilled = now;
        if (_mayAsk < 1) return;
        _mayAsk--;
        _asked.Writer.TryWrite(node.Id);
    }

    /// <summary>A directory was listed: what it has is learned before what was listed earlier.</summary>
    public void Listed(long directory)
    {
        if (_options.LearnPerSecond > 0) _backlog.Add(directory);
    }

    /// <summary>Learns a node now, because somebody is about to change its attributes and the others must stay. Gives up when the
    /// store gives no sign in time.</summary>
    public async Task<FsError?> LearnFirstAsync(NodeId node, CancellationToken cancellationToken)
    {
        try
        {
            await LearnAsync(node.Value).WaitAsync(_options.OfflineAfter, _time, cancellationToken);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            _logger.LogDebug(e, "the attributes of a file were changed before the bucket's were known");
        }
        catch (OperationCanceledException)
        {
            return FsError.Interrupted;
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_running);
        _backlog.Dispose();
        _stop.Dispose();
    }

    private async Task AnswerAsync()
    {
        await foreach (var node in _asked.Reader.ReadAllAsync(_stop.Token)) await TryLearnAsync(node);
    }

    private async Task WorkOffAsync()
    {
        var pause = TimeSpan.FromSeconds(1.0 / _options.LearnPerSecond);
        while (true)
        {
            await TryLearnAsync(await _backlog.NextAsync(_stop.Token));
            await Task.Delay(pause, _time, _stop.Token);
        }
    }

    private async Task GuardedAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // stopped
        }
    }

    // What cannot be learned now stays as it is until somebody asks again or the directory is listed again.
    private async Task TryLearnAsync(long node)
    {
        try
        {
            await LearnAsync(node);
        }
        catch (StoreException e)
        {
            _logger.LogDebug(e, "the attributes of an object cannot be read");
            if (e.IsTransient) await Task.Delay(AwayPause, _time, _stop.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _logger.LogError(e, "the attributes of an object could not be taken over");
        }
    }

    // One request at a time for a node: whoever comes second waits for the first one's.
    private async Task LearnAsync(long id)
    {
        Task? first;
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_underWay)
        {
            if (!_underWay.TryGetValue(id, out first)) _underWay.Add(id, mine.Task);
        }

        if (first is not null)
        {
            await first;
            return;
        }

        try
        {
            await ReadAsync(id);
        }
        finally
        {
            lock (_underWay) _underWay.Remove(id);
            mine.SetResult();
        }
    }

    private async Task ReadAsync(long id)
    {
        RemoteState remote;
        NodeType type;
        lock (_tree.Lock)
        {
            if (_tree.LoadedNeedsLock(new NodeId(id)) is not { IsUnlearned: true } node) return;
            remote = node.Remote!;
            type = node.Type;
        }

        var info = await _store.HeadAsync(remote.Key, _stop.Token);
        if (info is null || info.ETag != remote.ETag) return; // the next listing tells what there is now
        var attributes = ObjectAttributes.Parse(info.Metadata);
        string? target = null;
        if (type == NodeType.File && attributes.Type == NodeType.Symlink) target = await ReadTargetAsync(remote);
        FsInvalidation? changed;
        lock (_tree.Lock)
        {
            if (_tree.LoadedNeedsLock(new NodeId(id)) is not { IsUnlearned: true } node || node.Remote!.ETag != remote.ETag) return;
            changed = _tree.LearnNeedsLock(node, attributes, target);
        }

        if (changed is { } item) _announce(item);
    }

    /// <summary>A link's target is its object's content; null when that cannot be one.</summary>
    private async Task<string?> ReadTargetAsync(RemoteState remote)
    {
        if (remote.Size is 0 or > MaxTargetBytes) return null;
        using var body = await _store.GetAsync(remote.Key, null, remote.ETag, _stop.Token);
        var bytes = new byte[remote.Size];
        await body.Content.ReadExactlyAsync(bytes, _stop.Token);
        return bytes.Contains((byte)0) ? null : Encoding.UTF8.GetString(bytes);
    }
}
