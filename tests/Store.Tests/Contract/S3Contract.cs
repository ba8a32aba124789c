using System.Net.Http.Headers;
using Amazon.S3;
using Amazon.S3.Model;

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
        // By hand: the vendor's client sorts what it reads from headers.
        var url = await _server.Client.GetPreSignedURLAsync(new GetPreSignedUrlRequest
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

    private static readonly HttpClient s_http = new(new SocketsHttpHandler { UseProxy = false });

    private static string? Header(HttpHeaders headers, string name) =>
        headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}

[Collection(SwiftCollection.Name)]
public sealed class S3OnSwiftTests(SwiftServer server) : S3Contract(server)
{
    protected override bool ForgetsCompletedUploads => false;
}

[Collection(RadosgwCollection.Name)]
public sealed class S3OnRadosgwTests(RadosgwServer server) : S3Contract(server)
{
    protected override bool MayLeavePartsOut => false;
}
