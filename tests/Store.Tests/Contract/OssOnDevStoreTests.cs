using System.Net;
using System.Net.Sockets;
using SyncAgent.DevStore;

namespace SyncAgent.Store.Tests;

/// <summary>What OSS can do beyond the contract, and how DevStore is asked what it has stored.</summary>
public abstract class OssContract(DevStoreFixture fixture) : ObjectStoreContract
{
    protected DevStoreFixture Fixture { get; } = fixture;

    protected override ObjectOptions EveryOption => base.EveryOption with
    {
        Acl = "public-read",
        StorageClass = "IA",
        Tags = new Dictionary<string, string> { ["k"] = "v", ["with space"] = "+-=._:/", ["empty"] = "" },
        Encryption = new ServerSideEncryption("KMS", "key-1"),
    };

    protected override bool HasCallbacks => true;

    protected override Task<ObjectOptions?> AskServerAsync(string key)
    {
        using var stored = Fixture.Server.ReadObject("contract", key);
        Assert.NotNull(stored);
        var headers = stored.Headers;
        return Task.FromResult<ObjectOptions?>(new ObjectOptions
        {
            CacheControl = headers.GetValueOrDefault("cache-control"),
            ContentDisposition = headers.GetValueOrDefault("content-disposition"),
            ContentEncoding = headers.GetValueOrDefault("content-encoding"),
            Acl = stored.Acl == "default" ? null : stored.Acl,
            StorageClass = stored.StorageClass,
            Tags = stored.Tags,
            Encryption = headers.TryGetValue("x-oss-server-side-encryption", out var algorithm)
                ? new ServerSideEncryption(algorithm, headers.GetValueOrDefault("x-oss-server-side-encryption-key-id"))
                : null,
        });
    }
}

/// <summary>The OSS client over the wire against DevStore, which shares no code with it.</summary>
public sealed class OssOnDevStoreTests(DevStoreFixture fixture) : OssContract(fixture), IClassFixture<DevStoreFixture>
{
    protected override IObjectStore Store => Fixture.Store;

    protected override string Prefix { get; } = fixture.NextPrefix();
}

/// <summary>The same with temporary credentials, the bucket in the host name and all wrappers around it, as on the real service.</summary>
public sealed class OssOnDevStoreVirtualHostTests(DevStoreVirtualHostFixture fixture) : OssContract(fixture), IClassFixture<DevStoreVirtualHostFixture>
{
    protected override IObjectStore Store { get; } = new RetryingStore(
        new MeteredStore(fixture.Store, fixture.Metrics, TimeProvider.System), new RetryOptions(), TimeProvider.System, new Random(1));

    protected override string Prefix { get; } = fixture.NextPrefix();
}

/// <summary>The same under the bucket's own domain.</summary>
public sealed class OssOnDevStoreCnameTests(DevStoreCnameFixture fixture) : OssContract(fixture), IClassFixture<DevStoreCnameFixture>
{
    protected override IObjectStore Store => Fixture.Store;

    protected override string Prefix { get; } = fixture.NextPrefix();
}

public class DevStoreFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-store-").FullName;
    private DevStoreServer? _server;
    private OssObjectStore? _store;
    private int _prefixes;

    public IObjectStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public DevStoreServer Server => _server ?? throw new InvalidOperationException("Not started.");

    protected virtual StoreCredentials Credentials { get; } = new("ak", "sk");

    protected virtual OssStoreOptions Options(Uri endpoint) =>
        new() { Bucket = "contract", Region = "oss-cn-hangzhou", Endpoint = endpoint.GetLeftPart(UriPartial.Authority) };

    public string NextPrefix() => $"t{Interlocked.Increment(ref _prefixes):000}/";

    public async ValueTask InitializeAsync()
    {
        _server = await DevStoreServer.StartAsync(new DevStoreOptions
        {
            RootDirectory = _folder,
            Credentials = [new DevStoreCredential(Credentials.AccessKeyId, Credentials.AccessKeySecret, Credentials.SecurityToken)],
            CreateBuckets = ["contract"],
            Cnames = new Dictionary<string, string> { ["files.example.com"] = "contract" },
            Region = "cn-hangzhou",
            DurableWrites = false,
        });
        var port = _server.Endpoint.Port;
        _store = OssObjectStore.Create(Options(_server.Endpoint), new StaticCredentials(Credentials), TimeProvider.System, handler =>
        {
            // Whatever the host is called, it is here.
            handler.UseProxy = false;
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        });
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public sealed class DevStoreVirtualHostFixture : DevStoreFixture
{
    public StoreMetrics Metrics { get; } = new();

    protected override StoreCredentials Credentials { get; } = new("ak", "sk", "a/token+with=signs");

    protected override OssStoreOptions Options(Uri endpoint) =>
        new() { Bucket = "contract", Endpoint = "http://oss-cn-hangzhou.aliyuncs.com", AllowHttp = true };
}

public sealed class DevStoreCnameFixture : DevStoreFixture
{
    protected override OssStoreOptions Options(Uri endpoint) => new()
    {
        Bucket = "contract", Region = "cn-hangzhou", Endpoint = "http://files.example.com", Addressing = OssAddressing.Cname, AllowHttp = true,
    };
}
