using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.Store.Tests;

/// <summary>One S3 server for all tests of a collection, with one bucket, and the vendor's client as it comes, to see past ours.</summary>
public abstract class S3Server(string script, int pageSize) : IAsyncLifetime
{
    public const string Bucket = "contract";

    private StoreScript? _script;
    private S3ObjectStore? _store;
    private AmazonS3Client? _client;
    private int _prefixes;

    public S3ObjectStore Store => _store ?? throw new InvalidOperationException("Not started.");

    public AmazonS3Client Client => _client ?? throw new InvalidOperationException("Not started.");

    public int PageSize { get; } = pageSize;

    /// <summary>Whether this server is to be run in this run of the tests.</summary>
    public virtual bool IsWanted => true;

    public S3StoreOptions Options => new()
    {
        Bucket = Bucket, Endpoint = _script!.Url, Region = _script.Region, PageSize = PageSize,
    };

    public StoreCredentials Credentials => _script!.Credentials;

    public string NextPrefix() => $"t{Interlocked.Increment(ref _prefixes):000}/";

    public S3ObjectStore Open(S3StoreOptions options) => S3ObjectStore.Create(options, new StaticCredentials(Credentials), TimeProvider.System);

    public async ValueTask InitializeAsync()
    {
        if (!IsWanted) return;
        _script = await StoreScript.StartAsync(script);
        _client = new AmazonS3Client(
            new BasicAWSCredentials(Credentials.AccessKeyId, Credentials.AccessKeySecret),
            new AmazonS3Config { ServiceURL = _script.Url, AuthenticationRegion = _script.Region, ForcePathStyle = true });
        await _client.PutBucketAsync(new PutBucketRequest { BucketName = Bucket });
        _store = Open(Options);
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        _client?.Dispose();
        if (_script is not null) await _script.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>OpenStack Swift's s3api. Small pages: a thousand requests take it ten seconds.</summary>
public sealed class SwiftServer() : S3Server("swift-start.sh", pageSize: 20);

/// <summary>Ceph's radosgw; on request only, since it takes half a minute to install and start.</summary>
public sealed class RadosgwServer() : S3Server("rgw-start.sh", pageSize: 100)
{
    public override bool IsWanted { get; } = Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1";
}

[CollectionDefinition(Name)]
public sealed class SwiftCollection : ICollectionFixture<SwiftServer>
{
    public const string Name = "Swift";
}

[CollectionDefinition(Name)]
public sealed class RadosgwCollection : ICollectionFixture<RadosgwServer>
{
    public const string Name = "radosgw";
}
