using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SyncAgent.DevStore;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Every way in which a store refuses or fails as a whole, over the wire: no file fails, the health says why and what to do, the log
/// says it once, and everything goes by itself when it is over.</summary>
public sealed class StoreFaultTests : IAsyncLifetime
{
    private const int Files = 40;
    private const string Bucket = "transfer";

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-faults-").FullName;
    private readonly TestDrive _drive = new(TimeProvider.System, prefix: "p/");
    private readonly Lines _log = new();
    private DevStoreServer _server = null!;
    private OssObjectStore _store = null!;
    private TransferEngine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await DevStoreServer.StartAsync(new DevStoreOptions
        {
            RootDirectory = _folder, Credentials = [new DevStoreCredential("ak", "sk", null)], CreateBuckets = [Bucket], DurableWrites = false,
        });
        var options = new OssStoreOptions
        {
            Bucket = Bucket, Region = "cn-hangzhou", Endpoint = _server.Endpoint.GetLeftPart(UriPartial.Authority),
        };
        _store = OssObjectStore.Create(options, new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System);
        _engine = new TransferEngine(
            _drive.Journal, _drive.Row,
            new RetryingStore(_store, new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(5), Attempts = 3 }, TimeProvider.System, new Random(1)),
            new PartBudget(64 << 20, 16),
            new TransferOptions { MaxBackoff = TimeSpan.FromMilliseconds(200), SlowRetry = TimeSpan.FromMilliseconds(500) }, TimeProvider.System, _log);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _store.Dispose();
        await _server.DisposeAsync();
        _drive.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(403, "InvalidAccessKeyId", null, StoreErrorKind.BadCredentials, "Check the access key id")]
    [InlineData(403, "SignatureDoesNotMatch", null, StoreErrorKind.BadCredentials, "Check the access key id")]
    [InlineData(403, "SecurityTokenExpired", null, StoreErrorKind.TokenExpired, "fresh temporary credentials")]
    [InlineData(404, "NoSuchBucket", null, StoreErrorKind.NoSuchBucket, "Check the bucket's name")]
    [InlineData(403, "RequestTimeTooSkewed", null, StoreErrorKind.ClockSkew, "Set this machine's clock")]
    [InlineData(403, "UserDisable", null, StoreErrorKind.AccountDisabled, "Settle the account")]
    [InlineData(403, "QuotaExceeded", "PutObject", StoreErrorKind.QuotaExceeded, "Free space in the bucket")]
    [InlineData(500, "InternalError", null, StoreErrorKind.Unavailable, "when the store answers")]
    [InlineData(503, "ServiceUnavailable", null, StoreErrorKind.Unavailable, "when the store answers")]
    public async Task A_store_that_refuses_or_fails_says_why_and_everything_goes_when_it_is_over(
        int status, string code, string? operation, StoreErrorKind kind, string remedy)
    {
        _server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Status = status, Code = code, Operation = operation, Times = null });
        var nodes = MakeFiles();
        _engine.Start();
        await UntilAsync(() => _engine.Health.Kind == kind);
        Assert.Contains(remedy, _engine.Health.Error, StringComparison.Ordinal);
        Assert.Equal(kind is not StoreErrorKind.Unavailable, _engine.Health.IsRefused);
        Assert.Equal(kind is StoreErrorKind.QuotaExceeded, _engine.Health.Online);
        await UntilAsync(() => _server.Log.Entries.Count(entry => entry.Status == status) >= 12);
        Assert.All(nodes, node => Assert.True(_drive.Reader.Node(node) is { Pending: true, Problem: Problem.None }));
        Assert.InRange(_log.Warnings, 1, 2);

        _server.Faults.Clear();
        await ArriveAsync();
        Assert.Equal((true, null), (_engine.Health.Online, _engine.Health.Error));
        Assert.InRange(_log.Warnings, 1, 2);
    }

    [Theory]
    [InlineData(503, "SlowDown")]
    [InlineData(429, "TooManyRequests")]
    public async Task A_store_that_asks_to_slow_down_gets_everything_more_slowly(int status, string code)
    {
        var planned = _server.Faults.Add(new FaultRule
        {
            Kind = FaultKind.Error, Status = status, Code = code, Times = 30, Operation = "PutObject", Headers = new Dictionary<string, string> { ["Retry-After"] = "1" },
        });
        MakeFiles();
        _engine.Start();
        await ArriveAsync();
        Assert.Equal(30, planned.Hits);
        Assert.Equal((true, 0), (_engine.Health.Online, _log.Warnings));
    }

    [Fact]
    public async Task One_key_that_is_refused_for_good_holds_up_no_other()
    {
        _server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Status = 403, Code = "AccessDenied", Key = "p/f7", Times = null });
        _server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Status = 400, Code = "InvalidObjectName", Key = "p/f8", Times = null });
        var nodes = MakeFiles();
        _engine.Start();
        await UntilAsync(() => _server.ListKeys(Bucket).Count == Files - 2 && _drive.Reader.Node(nodes[8])!.Problem == Problem.Failed);
        Assert.True(_drive.Reader.Node(nodes[7]) is { Pending: true, Problem: Problem.None, Error: not null });
        Assert.True(_engine.Health.Online);
        Assert.InRange(_log.Warnings, 1, 2);
    }

    private List<long> MakeFiles() => [.. Enumerable.Range(0, Files).Select(i => _drive.MakeFile($"f{i}", [(byte)i]))];

    private Task ArriveAsync() => UntilAsync(() => _server.ListKeys(Bucket).Count == Files && _drive.Reader.Counts(_drive.Row.Id) is { Pending: 0 });

    private async Task UntilAsync(Func<bool> reached)
    {
        using var feed = _drive.Journal.Feed.Subscribe(ChangeKinds.Desired | ChangeKinds.Remote | ChangeKinds.Work);
        using var watchdog = new CancellationTokenSource(Watchdog);
        while (true)
        {
            _drive.Journal.CommitDurable(_drive.Journal.EnqueuedSequence);
            if (reached()) return;
            if (watchdog.IsCancellationRequested) Assert.Fail($"not reached in {Watchdog.TotalSeconds} s: {_engine.Health}; {string.Join("; ", _log)}");
            await feed.WaitAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System, default);
        }
    }

    /// <summary>What the engine logs.</summary>
    private sealed class Lines : ConcurrentQueue<string>, ILogger<TransferEngine>
    {
        private int _warnings;

        /// <summary>Lines that ask for somebody's attention.</summary>
        public int Warnings => Volatile.Read(ref _warnings);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            if (logLevel >= LogLevel.Warning) Interlocked.Increment(ref _warnings);
            Enqueue(formatter(state, exception));
        }
    }
}
