using SyncAgent.DevStore;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>A folder of files, an uploader, the OSS client with its retries, and a server that shares no code with them.</summary>
internal sealed class UploadRig : IAsyncDisposable
{
    public const int Part = 128 * 1024;
    public const int Threshold = 2 * Part;
    public const string Bucket = "files";

    /// <summary>Real time after which a call that was waited for counts as hanging.</summary>
    public static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("syncagent-files-");

    // Each part is flushed there: a disk that others use too would make a thousand parts slow.
    private readonly DirectoryInfo _checkpoints = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/syncagent-files-{Guid.NewGuid():n}")
        : Directory.CreateTempSubdirectory("syncagent-files-");

    private OssObjectStore _client = null!;

    public DevStoreServer Server { get; private set; } = null!;

    public IObjectStore Store { get; private set; } = null!;

    public string Folder => _folder.FullName;

    public string Checkpoints => Path.Combine(_checkpoints.FullName, "checkpoints");

    /// <summary>Uploads that a checkpoint knows.</summary>
    public IReadOnlyList<UploadRecord> Known => Directory.Exists(Checkpoints) ? new CheckpointFolder(Checkpoints).List() : [];

    public IReadOnlyList<OpenUpload> Open => Server.OpenUploads(Bucket);

    public FileUploadOptions Options => new()
    {
        CheckpointFolder = Checkpoints,
        Transfer = new TransferOptions
        {
            MultipartThreshold = Threshold, PartSize = Part, ParallelParts = 4, MaxBackoff = TimeSpan.FromMilliseconds(5), JitterSeed = 1,
        },
    };

    /// <summary>Starts everything.</summary>
    /// <param name="attempts">Tries of each call that may be repeated.</param>
    public static async Task<UploadRig> StartAsync(int attempts = 3)
    {
        var rig = new UploadRig();
        rig.Server = await DevStoreServer.StartAsync(new DevStoreOptions
        {
            RootDirectory = Path.Combine(rig.Folder, "store"), Credentials = [new DevStoreCredential("ak", "sk")], CreateBuckets = [Bucket],
            DurableWrites = false,
        });
        var options = new OssStoreOptions { Bucket = Bucket, Region = "cn-hangzhou", Endpoint = rig.Server.Endpoint.GetLeftPart(UriPartial.Authority) };
        rig._client = OssObjectStore.Create(options, new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System);
        rig.Store = new RetryingStore(
            rig._client, new RetryOptions { BaseDelay = TimeSpan.FromMilliseconds(2), MaxDelay = TimeSpan.FromMilliseconds(50), Attempts = attempts },
            TimeProvider.System, new Random(1));
        return rig;
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Server.DisposeAsync();
        _folder.Delete(recursive: true);
        _checkpoints.Delete(recursive: true);
    }

    public FileUploader Uploader(FileUploadOptions? options = null, TransferPause? pause = null) => new(Store, options ?? Options, pause: pause);

    /// <summary>A file with bytes that nothing compresses or repeats; the same for the same seed.</summary>
    public string MakeFile(string name, long length, int seed)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, Bytes(length, seed));
        return path;
    }

    public static byte[] Bytes(long length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The object of a key is the file, past signatures and faults.</summary>
    public DevStore.StoredObject CheckObject(string key, string path)
    {
        using var stored = Server.ReadObject(Bucket, key);
        Assert.NotNull(stored);
        var bytes = stored.ReadToEnd();
        Assert.True(File.ReadAllBytes(path).AsSpan().SequenceEqual(bytes), $"{key} is not {path}: {bytes.Length} bytes");
        Assert.Equal(Crc64.Compute(bytes), stored.Crc64);
        return stored;
    }

    public IEnumerable<RequestLogEntry> Calls(string operation) => Server.Log.Entries.Where(entry => entry.Operation == operation);

    /// <summary>Numbers of the parts that were answered well since the log was cleared, in ascending order.</summary>
    public IEnumerable<int> PartsSent => Calls("UploadPart").Where(entry => entry is { Replied: true, Status: 200 }).Select(entry => entry.PartNumber!.Value).Order();

    /// <summary>A part hangs until its caller gives up.</summary>
    public PlannedFault Hang(int part) => Server.Faults.Add(new FaultRule { Kind = FaultKind.Hang, Operation = "UploadPart", PartNumber = part });

    /// <summary>Returns when a part has been answered.</summary>
    public async Task PartArrivedAsync(int part) => await Server.Log.WaitForAsync(
        entry => entry is { Operation: "UploadPart", Replied: true } && entry.PartNumber == part, default).WaitAsync(Watchdog);

    /// <summary>Returns when the server does nothing any more: what a client has given up may be logged after the client's call.</summary>
    public async Task QuietAsync()
    {
        using var watchdog = new CancellationTokenSource(Watchdog);
        while (Server.Gauges.ActiveRequests > 0)
        {
            watchdog.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>
    /// Begins an upload of which one part hangs, and cancels it when a later part has arrived. Returns the parts that the checkpoint
    /// does not have: those and no others are missing. The log is empty afterwards.
    /// </summary>
    public async Task<IReadOnlyList<int>> InterruptAsync(string path, string key, int hanging, int until, FileUploadOptions? options = null, ObjectOptions? how = null)
    {
        using var cancel = new CancellationTokenSource();
        var fault = Hang(hanging);
        var running = Uploader(options).UploadAsync(path, key, how, cancellationToken: cancel.Token);
        await Task.WhenAny(running, PartArrivedAsync(until));
        Assert.False(running.IsCompleted, $"{running.Exception}");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.WaitAsync(Watchdog));
        Assert.Equal(1, fault.Hits);
        Server.Faults.Clear();
        await QuietAsync();
        Server.Log.Clear();
        using var checkpoint = new CheckpointFolder(Checkpoints).Open(Store.Capabilities.Location, key, path);
        var recorded = checkpoint.Parts.Select(part => part.Number).ToHashSet();
        var size = new FileInfo(path).Length;
        var count = checkpoint.Upload is { } upload ? new PartPlan(size, upload.PartSize).Count : 0;
        return [.. Enumerable.Range(1, count).Where(number => !recorded.Contains(number))];
    }
}
