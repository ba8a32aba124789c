namespace SyncAgent.DevStore.Tests;

/// <summary>A server in a folder of its own, and a client for it.</summary>
public abstract class ServerTest : IAsyncLifetime
{
    internal static readonly DevStoreCredential Key = new("test-id", "test-secret");
    private readonly string _root = Directory.CreateTempSubdirectory("devstore-").FullName;
    private DevStoreServer? _server;
    private TestClient? _client;

    internal ManualClock Clock { get; } = new(new DateTimeOffset(2025, 3, 4, 5, 6, 7, TimeSpan.Zero));

    internal DevStoreServer Server => _server!;

    internal TestClient Client => _client!;

    private protected virtual DevStoreOptions Options => new()
    {
        RootDirectory = _root,
        Credentials = [Key],
        CreateBuckets = [TestClient.Bucket],
        TimeProvider = Clock,
        ControlToken = "control",
    };

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_root, recursive: true);
        GC.SuppressFinalize(this);
    }

    internal async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    internal static byte[] Bytes(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task StartAsync()
    {
        _server = await DevStoreServer.StartAsync(Options);
        _client = new TestClient(_server.Endpoint, new TestSigner(Key.AccessKeyId, Key.AccessKeySecret), Options.TimeProvider);
    }

    private async Task StopAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
    }
}

/// <summary>A clock that a test moves; timers are real.</summary>
internal sealed class ManualClock(DateTimeOffset start) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = start;

    public override DateTimeOffset GetUtcNow() => Now;
}
