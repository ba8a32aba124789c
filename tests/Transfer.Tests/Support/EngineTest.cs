using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>A drive, a bucket in memory and an engine between them. Parts are small so that small files have many.</summary>
public abstract class EngineTest : IAsyncLifetime
{
    protected const int Part = 128 * 1024;

    /// <summary>Real time after which a state that was waited for counts as missed.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    private TransferEngine? _engine;

    protected EngineTest()
    {
        Time = new ManualTimeProvider();
        Drive = new TestDrive(Time, prefix: "p/");
        Bucket = new FakeObjectStore(Time);
        Store = Bucket;
    }

    protected ManualTimeProvider Time { get; }

    protected TestDrive Drive { get; private set; }

    protected FakeObjectStore Bucket { get; }

    protected IObjectStore Store { get; set; }

    protected HashSet<long> Writers { get; } = [];

    protected PartBudget Budget { get; } = new(64 << 20, 16);

    protected TransferOptions Options { get; set; } = new() { MultipartThreshold = Part * 2, PartSize = Part, ParallelParts = 2, JitterSeed = 1 };

    protected TransferEngine Engine => _engine ?? throw new InvalidOperationException("not started");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_engine is not null) await _engine.DisposeAsync();
        Drive.Dispose();
        Assert.Equal(0, Budget.PartsInFlight);
        Assert.Equal(0, Budget.BytesInFlight);
    }

    protected void Start()
    {
        _engine = new TransferEngine(Drive.Journal, Drive.Row, Store, Budget, Options, Time, NullLogger<TransferEngine>.Instance)
        {
            IsBeingWritten = node =>
            {
                lock (Writers) return Writers.Contains(node);
            },
        };
        _engine.Start();
    }

    protected async Task StopAsync()
    {
        await Engine.StopAsync();
        _engine = null;
    }

    /// <summary>Waits for a state that the journal or the bucket will reach without the clock.</summary>
    protected async Task UntilAsync(Func<bool> reached)
    {
        using var feed = Drive.Journal.Feed.Subscribe(ChangeKinds.Desired | ChangeKinds.Remote | ChangeKinds.Work);
        using var watchdog = new CancellationTokenSource(Watchdog);
        while (!reached())
        {
            try
            {
                // The bucket's own changes are not in the feed: look now and then too.
                await feed.WaitAsync(TimeSpan.FromMilliseconds(20), TimeProvider.System, watchdog.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not reached in {Watchdog.TotalSeconds} s; calls: {string.Join(' ', Bucket.Calls)}; nodes: {Dump()}");
            }
        }
    }

    /// <summary>Waits for a state that needs the clock to move: it is moved whenever nothing happens.</summary>
    /// <param name="reached">The state.</param>
    /// <param name="most">How far, where what is waited for is forgotten after some time: a busy machine may run far behind this clock.</param>
    protected Task UntilWithClockAsync(Func<bool> reached, TimeSpan? most = null)
    {
        var end = Time.GetUtcNow() + most;
        return UntilAsync(() =>
        {
            Drive.Journal.CommitDurable(Drive.Journal.EnqueuedSequence); // the group commit of a second
            if (reached()) return true;
            if (end is null || Time.GetUtcNow() < end) Time.Advance(TimeSpan.FromSeconds(1));
            return false;
        });
    }

    /// <summary>Waits until nothing of the drive is pending, moving the clock.</summary>
    protected Task SettledAsync() => UntilWithClockAsync(() => IsQuiet);

    protected bool IsQuiet => Drive.Reader.Counts(Drive.Row.Id) is { Pending: 0, Deletes: 0, Uploads: 0 }
        && Uploads().All(upload => upload.Phase == UploadPhase.PossiblyOurs);

    protected NodeRow Node(long id) => Drive.Reader.Node(id) ?? throw new InvalidOperationException($"no node {id}");

    protected int Count(string operation) => Bucket.Calls.Count(call => call.Operation == operation);

    /// <summary>Calls that match hang until they are cancelled.</summary>
    protected void Hold(Func<FakeCall, bool> match) =>
        Bucket.Before = (call, token) => match(call) ? Task.Delay(Timeout.InfiniteTimeSpan, token) : Task.CompletedTask;

    /// <summary>Calls that match never reach the bucket.</summary>
    protected void Refuse(StoreErrorKind kind, Func<FakeCall, bool> match) =>
        Bucket.Before = (call, _) => match(call) ? throw new StoreException(kind, "refused by the test") { RequestId = "r1" } : Task.CompletedTask;

    /// <summary>The first call that matches is carried out and its reply lost.</summary>
    protected void LoseReply(string operation)
    {
        var lost = 0;
        Bucket.After = call => call.Operation == operation && Interlocked.Exchange(ref lost, 1) == 0
            ? throw new StoreException(StoreErrorKind.Network, "connection reset") { MayHaveSucceeded = true }
            : Task.CompletedTask;
    }

    protected IReadOnlyList<UploadRow> Uploads() => Drive.Reader.Uploads(Drive.Row.Id);

    /// <summary>Starts, lets the parts pass that <paramref name="hold"/> does not stop, and stops when so many have arrived.</summary>
    protected async Task SendSomePartsAsync(int parts, Func<FakeCall, bool> hold)
    {
        Hold(hold);
        Start();
        await UntilAsync(() => Uploads() is [var upload, ..] && Drive.Reader.Parts(upload.Id).Count == parts);
        await StopAsync();
        Bucket.Before = null;
    }

    private string Dump() => string.Join("; ", Drive.Reader.UnsettledNodes(Drive.Row.Id, 0, 20).Select(node => $"{node.Id} {node.Name} {node.Problem} {node.Error} due {node.Due - Drive.Now}"));
}
