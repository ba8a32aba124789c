namespace SyncAgent.Store.Tests;

/// <summary>The S3 client over the wire against real servers of other people's making.</summary>
public abstract class S3Contract : ObjectStoreContract
{
    private readonly S3Server _server;

    protected S3Contract(S3Server server)
    {
        Assert.SkipUnless(server.IsWanted, "radosgw runs with SYNCAGENT_TEST_ALL=1 only (./test.sh --all): it takes half a minute to install and start.");
        _server = server;
        Prefix = server.NextPrefix();
    }

    protected override IObjectStore Store => _server.Store;

    protected override string Prefix { get; }

    protected override int PageSize => _server.PageSize;

    // Neither server is Amazon's, so the client does not rely on it.
    protected override bool StoreChecksCreateOnly => false;

    protected override async Task<ObjectOptions?> AskServerAsync(string key)
    {
        var head = await _server.Client.GetObjectMetadataAsync(S3Server.Bucket, key);
        return new ObjectOptions
        {
            CacheControl = head.CacheControl,
            ContentDisposition = head.ContentDisposition,
            ContentEncoding = head.ContentEncoding,
            // Not said of the standard class.
            StorageClass = head.StorageClass?.Value ?? "Standard",
        };
    }
}

[Collection(SwiftCollection.Name)]
public sealed class S3OnSwiftTests(SwiftServer server) : S3Contract(server);

[Collection(RadosgwCollection.Name)]
public sealed class S3OnRadosgwTests(RadosgwServer server) : S3Contract(server);
