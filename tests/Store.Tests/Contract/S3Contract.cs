using System.Net.Http.Headers;
using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.Store.Tests;

/// <summary>The S3 client over the wire against real servers of other people's making.</summary>
public abstract class S3Contract : ObjectStoreContract
{
    protected S3Contract(S3Server server)
    {
        Assert.SkipUnless(server.IsWanted, "radosgw runs with SYNCAGENT_TEST_ALL=1 only (./test.sh --all): it takes half a minute to install and start.");
        Server = server;
        Prefix = server.NextPrefix();
        // As it is used: a busy server's 503 is the store's own matter, not the contract's.
        Store = new RetryingStore(server.Store, new RetryOptions(), TimeProvider.System, new Random(1));
    }

    protected S3Server Server { get; }

    protected override IObjectStore Store { get; }

    protected override string Prefix { get; }

    protected override int PageSize => Server.PageSize;

    // Neither server is Amazon's, so the client does not rely on it.
    protected override bool StoreChecksCreateOnly => false;

    protected override async Task<ObjectOptions?> AskServerAsync(string key)
    {
        // By hand: the vendor's client sorts what it reads from headers.
        var url = await Server.Client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
        {
            BucketName = S3Server.Bucket, Key = key, Verb = HttpVerb.HEAD, Protocol = Protocol.HTTP, Expires = DateTime.UtcNow.AddMinutes(5),
        });
        using var request = new HttpRequestMessage(HttpMethod.Head, url);
        using var response = await s_http.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return new ObjectOptions
        {
            CacheControl = Header(response.Headers, "Cache-Control"),
            ContentDisposition = Header(response.Content.Headers, "Content-Disposition"),
            ContentEncoding = Header(response.Content.Headers, "Content-Encoding"),
            // Not said of the standard class.
            StorageClass = Header(response.Headers, "x-amz-storage-class") ?? "Standard",
        };
    }

    [Fact]
    public async Task A_wrong_secret_and_a_wrong_bucket_are_told_as_such()
    {
        using var wrongKey = S3Stores.For(Server.Options, credentials: new StaticCredentials(Server.Credentials with { AccessKeySecret = "wrong" }));
        await ThrowsAsync(StoreErrorKind.BadCredentials, () => wrongKey.PutAsync(Prefix + "o", BytesContent.Empty, ObjectOptions.None, default));
        using var wrongBucket = Server.Open(Server.Options with { Bucket = "another" });
        await ThrowsAsync(StoreErrorKind.NoSuchBucket, () => wrongBucket.PutAsync(Prefix + "o", BytesContent.Empty, ObjectOptions.None, default));
        await ThrowsAsync(StoreErrorKind.NoSuchBucket, () => wrongBucket.ListAsync(new ListRequest(""), default));
    }

    [Fact]
    public async Task Of_many_that_create_the_same_key_at_once_one_succeeds_where_the_store_checks()
    {
        using var store = Server.Open(Server.Options with { ConditionalWrites = S3ConditionalWrites.On });
        Assert.True(store.Capabilities.ForbidOverwrite);
        var created = 0;
        await Parallel.ForAsync(0, 8, async (n, _) =>
        {
            try
            {
                await store.PutAsync(Prefix + "o", new BytesContent([(byte)n]), new ObjectOptions { ForbidOverwrite = true }, default);
                Interlocked.Increment(ref created);
            }
            catch (StoreException e) when (e.Kind == (HasConditionalPut ? StoreErrorKind.AlreadyExists : StoreErrorKind.NotSupported))
            {
            }
        });
        Assert.Equal(HasConditionalPut ? 1 : 0, created);
    }

    [Fact]
    public async Task Copies_and_completes_never_overwrite_though_the_server_ignores_their_condition()
    {
        using var store = Server.Open(Server.Options with { ConditionalWrites = S3ConditionalWrites.On });
        await store.PutAsync(Prefix + "o", new BytesContent([1]), ObjectOptions.None, default);
        await store.PutAsync(Prefix + "s", new BytesContent([2]), ObjectOptions.None, default);
        var id = await store.InitiateMultipartAsync(Prefix + "o", ObjectOptions.None, default);
        var part = await store.UploadPartAsync(Prefix + "o", id, 1, new BytesContent([3]), default);
        var createOnly = new ObjectOptions { ForbidOverwrite = true };
        await ThrowsAsync(StoreErrorKind.AlreadyExists, () => store.CompleteMultipartAsync(Prefix + "o", id, [new(1, part.ETag)], createOnly, default));
        await ThrowsAsync(StoreErrorKind.AlreadyExists, () => store.CopyAsync(Prefix + "s", null, Prefix + "o", false, createOnly, default));
        await store.AbortMultipartAsync(Prefix + "o", id, default);
    }

    /// <summary>Whether the server knows If-None-Match on a put.</summary>
    protected abstract bool HasConditionalPut { get; }

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    private static string? Header(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}

[Collection(SwiftCollection.Name)]
public sealed class S3OnSwiftTests(SwiftServer server) : S3Contract(server)
{
    protected override bool ForgetsCompletedUploads => false;

    protected override bool HasConditionalPut => false;

    public static TheoryData<string> NotOnSwift => ["tags", "aes256", "kms", "class"];

    [Theory]
    [MemberData(nameof(NotOnSwift))]
    public async Task What_swift_does_not_know_is_refused_and_not_dropped(string option)
    {
        var options = option switch
        {
            "tags" => new ObjectOptions { Tags = new Dictionary<string, string> { ["k"] = "v" } },
            "aes256" => new ObjectOptions { Encryption = new ServerSideEncryption("AES256") },
            "kms" => new ObjectOptions { Encryption = new ServerSideEncryption("KMS", "key-1") },
            _ => new ObjectOptions { StorageClass = "GLACIER" },
        };
        await ThrowsAsync(StoreErrorKind.NotSupported, () => Store.PutAsync(Prefix + "o", new BytesContent([1]), options, default));
        await ThrowsAsync(StoreErrorKind.NotSupported, () => Store.InitiateMultipartAsync(Prefix + "o", options, default));
        Assert.Null(await Store.HeadAsync(Prefix + "o", default));
        Assert.Empty((await Store.ListUploadsAsync(Prefix, null, null, default)).Uploads);
    }
}

[Collection(RadosgwCollection.Name)]
public sealed class S3OnRadosgwTests(RadosgwServer server) : S3Contract(server)
{
    protected override bool MayLeavePartsOut => false;

    protected override bool HasConditionalPut => true;

    protected override ObjectOptions EveryOption => base.EveryOption with
    {
        Acl = "public-read",
    };

    [Fact]
    public async Task Tags_survive_a_put_and_are_missed_where_radosgw_drops_them()
    {
        var tagged = new ObjectOptions { Tags = new Dictionary<string, string> { ["k"] = "v", ["with space"] = "+-=._:/", ["empty"] = "" } };
        await Store.PutAsync(Prefix + "o", new BytesContent([1]), tagged, default);
        var stored = await AskServerAsync(Prefix + "o");
        Assert.Equal(tagged.Tags.OrderBy(t => t.Key), stored!.Tags.OrderBy(t => t.Key));

        await ThrowsAsync(StoreErrorKind.NotSupported, () => Store.CopyAsync(Prefix + "o", null, Prefix + "c", true, tagged, default));
        var id = await Store.InitiateMultipartAsync(Prefix + "m", tagged, default);
        var part = await Store.UploadPartAsync(Prefix + "m", id, 1, new BytesContent([1]), default);
        await ThrowsAsync(
            StoreErrorKind.NotSupported, () => Store.CompleteMultipartAsync(Prefix + "m", id, [new(1, part.ETag)], tagged, default));
    }

    protected override async Task<ObjectOptions?> AskServerAsync(string key)
    {
        var tags = await Server.Client.GetObjectTaggingAsync(new GetObjectTaggingRequest { BucketName = S3Server.Bucket, Key = key });
        var acl = await Server.Client.GetObjectAclAsync(new GetObjectAclRequest { BucketName = S3Server.Bucket, Key = key });
        return (await base.AskServerAsync(key))! with
        {
            Tags = (tags.Tagging ?? []).ToDictionary(t => t.Key, t => t.Value ?? ""),
            Acl = acl.Grants.Exists(g => g.Grantee.URI?.EndsWith("/AllUsers", StringComparison.Ordinal) == true) ? "public-read" : null,
        };
    }
}
