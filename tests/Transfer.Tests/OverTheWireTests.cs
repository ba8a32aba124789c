using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.DevStore;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>The engine, the OSS client with its retries, and a server that shares no code with them.</summary>
public sealed class OverTheWireTests : IAsyncLifetime
{
    private const int Part = 128 * 1024;
    private const string Bucket = "transfer";

    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-wire-").FullName;
    private readonly TestDrive _drive = new(TimeProvider.System, prefix: "p/");
    private readonly byte[] _bytes = TestDrive.Bytes((8 * Part) + 4321, 7);
    private DevStoreServer _server = null!;
    private OssObjectStore _store = null!;
    private TransferEngine? _engine;

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
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null) await _engine.DisposeAsync();
        _store.Dispose();
        await _server.DisposeAsync();
        _drive.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(FaultKind.LoseReply, "CompleteMultipartUpload", 0)]
    [InlineData(FaultKind.LoseReply, "InitiateMultipartUpload", 1)]
    [InlineData(FaultKind.LoseReply, "UploadPart", 0)]
    [InlineData(FaultKind.ResetMidBody, "UploadPart", 0)]
    [InlineData(FaultKind.CorruptByte, "UploadPart", 0)]
    [InlineData(FaultKind.VanishUpload, "UploadPart", 0)]
    [InlineData(FaultKind.VanishUpload, "CompleteMultipartUpload", 0)]
    [InlineData(FaultKind.WrongCrc, "CompleteMultipartUpload", 0)]
    [InlineData(FaultKind.Error, "CompleteMultipartUpload", 0)]
    public async Task A_large_file_arrives_whole_in_spite_of(FaultKind fault, string operation, int left)
    {
        var planned = _server.Faults.Add(new FaultRule { Kind = fault, Operation = operation, AfterBytes = 1000 });
        var node = _drive.MakeFile("big", _bytes);
        Start();
        await UntilAsync(() => !Node(node).Pending && Uploads(left));
        Assert.Equal(1, planned.Hits);
        CheckObject(node, _bytes);
        Assert.Equal(left, _server.OpenUploads(Bucket).Count);
    }

    [Theory]
    [InlineData(FaultKind.LoseReply)]
    [InlineData(FaultKind.ResetMidBody)]
    [InlineData(FaultKind.CorruptByte)]
    [InlineData(FaultKind.Error)]
    public async Task A_small_file_arrives_whole_in_spite_of(FaultKind fault)
    {
        var planned = _server.Faults.Add(new FaultRule { Kind = fault, Operation = "PutObject", AfterBytes = 1000 });
        var bytes = TestDrive.Bytes(5000, 3);
        var node = _drive.MakeFile("ä + 文.txt", bytes);
        Start();
        await UntilAsync(() => !Node(node).Pending);
        Assert.Equal(1, planned.Hits);
        CheckObject(node, bytes);
    }

    [Fact]
    public async Task After_a_restart_only_the_missing_part_travels()
    {
        var hang = _server.Faults.Add(new FaultRule { Kind = FaultKind.Hang, Operation = "UploadPart", PartNumber = 4 });
        var node = _drive.MakeFile("big", _bytes);
        Start();
        await UntilAsync(() => hang.Hits == 1 && _drive.Reader.UploadsOf(node) is [{ } upload] && _drive.Reader.Parts(upload.Id).Count == 8);
        await _engine!.DisposeAsync();
        _server.Log.Clear();

        Start();
        await UntilAsync(() => !Node(node).Pending);
        // The request that hung is logged when it ends, without an answer.
        var answered = _server.Log.Entries.Where(entry => entry is { Operation: "UploadPart", Replied: true }).ToList();
        Assert.Equal([4], answered.Select(entry => entry.PartNumber));
        Assert.InRange(answered.Sum(entry => entry.BytesIn), Part, Part + 4096);
        CheckObject(node, _bytes);
    }

    [Fact]
    public async Task A_rename_an_overwrite_and_a_removal_reach_the_bucket()
    {
        var (moved, changed, gone) = (_drive.MakeFile("a", _bytes), _drive.MakeFile("b", [1]), _drive.MakeFile("c", [2]));
        Start();
        await UntilAsync(IsQuiet);
        _drive.Rename(moved, "d");
        _drive.Write(changed, [3, 4]);
        _drive.Remove(gone);
        await UntilAsync(IsQuiet);
        Assert.Equal(["p/b", "p/d"], _server.ListKeys(Bucket));
        CheckObject(moved, _bytes);
        CheckObject(changed, [3, 4]);
    }

    private void Start()
    {
        var store = new RetryingStore(
            _store, new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(5), Attempts = 3 }, TimeProvider.System, new Random(1));
        var options = new TransferOptions { MultipartThreshold = 2 * Part, PartSize = Part, MaxBackoff = TimeSpan.FromMilliseconds(100) };
        _engine = new TransferEngine(
            _drive.Journal, _drive.Row, store, new PartBudget(64 << 20, 16), options, TimeProvider.System, NullLogger<TransferEngine>.Instance);
        _engine.Start();
    }

    private async Task UntilAsync(Func<bool> reached)
    {
        using var feed = _drive.Journal.Feed.Subscribe(ChangeKinds.Desired | ChangeKinds.Remote | ChangeKinds.Work);
        using var watchdog = new CancellationTokenSource(Watchdog);
        while (true)
        {
            _drive.Journal.CommitDurable(_drive.Journal.EnqueuedSequence);
            if (reached()) return;
            if (watchdog.IsCancellationRequested) Assert.Fail($"not reached in {Watchdog.TotalSeconds} s: {Dump()}");
            await feed.WaitAsync(TimeSpan.FromMilliseconds(50), TimeProvider.System, default);
        }
    }

    private string Dump() =>
        $"{string.Join("; ", _drive.Reader.UnsettledNodes(_drive.Row.Id, 0, 9))} {string.Join("; ", _drive.Reader.Uploads(_drive.Row.Id))} "
        + string.Join("; ", _server.Log.Entries.TakeLast(30).Select(entry => $"{entry.Operation} {entry.PartNumber} {entry.Status} {entry.Code}"));

    private bool IsQuiet() => _drive.Reader.Counts(_drive.Row.Id) is { Pending: 0, Deletes: 0, Uploads: 0 };

    private bool Uploads(int left) => _drive.Reader.Uploads(_drive.Row.Id).Count == left;

    private NodeRow Node(long id) => _drive.Reader.Node(id)!;

    private void CheckObject(long node, byte[] bytes)
    {
        var remote = Node(node).Remote!;
        using var stored = _server.ReadObject(Bucket, remote.Key)!;
        Assert.Equal(bytes, stored.ReadToEnd());
        Assert.Equal((Crc64.Compute(bytes), stored.Crc64, stored.ETag), (remote.Crc!.Value, remote.Crc, remote.ETag));
        Assert.Equal(Proof.Crc64, remote.Proof);
    }
}
