using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using SyncAgent.TestKit;

namespace SyncAgent.Store.Tests;

/// <summary>What goes over the wire, and how clock, token and keys are put right.</summary>
public class S3RequestTests
{
    private const string Etag = "ETag: \"E\"";
    private const string RequestId = "x-amz-request-id: R1";

    [Fact]
    public async Task Bodies_go_out_plain_with_the_hashes_that_are_known()
    {
        var body = Encoding.UTF8.GetBytes("plain bytes");
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        var content = new BytesContent(body) { Md5 = MD5.HashData(body), Crc64 = Crc64.Compute(body) };
        await store.PutAsync("k", content, ObjectOptions.None, default);
        await store.UploadPartAsync("k", "U", 1, content, default);
        Assert.Equal(2, server.Requests.Count);
        foreach (var request in server.Requests)
        {
            Assert.Equal(body.Length.ToString(CultureInfo.InvariantCulture), request.Header("Content-Length"));
            Assert.Equal(Convert.ToBase64String(MD5.HashData(body)), request.Header("Content-MD5"));
            Assert.Equal("UNSIGNED-PAYLOAD", request.Header("x-amz-content-sha256"));
            Assert.Contains("content-md5", request.Header("Authorization"), StringComparison.Ordinal);
            Assert.DoesNotContain(
                request.Headers.Keys, name => name.ToLowerInvariant() is "content-encoding" or "x-amz-trailer" or "transfer-encoding" or "content-type"
                    || name.Contains("checksum", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task Over_http_a_body_without_an_md5_has_its_hash_signed()
    {
        var body = Encoding.UTF8.GetBytes("plain bytes");
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        await store.PutAsync("k", new BytesContent(body), ObjectOptions.None, default);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(body)), Assert.Single(server.Requests).Header("x-amz-content-sha256"));
    }

    [Fact]
    public async Task Over_https_the_body_is_read_once_and_its_hash_is_not_signed()
    {
        var folder = Directory.CreateTempSubdirectory("syncagent-s3-tls-").FullName;
        try
        {
            using var authority = TestAuthority.Create("Company Root");
            using var certificate = authority.Issue("localhost");
            var hashes = new System.Collections.Concurrent.ConcurrentQueue<string>();
            await using var server = await TlsServer.StartAsync(certificate, answer: async context =>
            {
                hashes.Enqueue($"{context.Request.Headers["x-amz-content-sha256"]}");
                using var received = new MemoryStream();
                await context.Request.Body.CopyToAsync(received);
                context.Response.Headers.ETag = $"\"{Convert.ToHexStringLower(MD5.HashData(received.ToArray()))}\"";
            });
            using var store = S3Stores.For(S3Stores.Options($"https://localhost:{server.Port}") with
            {
                Connection = new ConnectionOptions { CaFile = authority.WritePem(folder) },
            });
            var content = new FunctionContent(300_000, () => new MemoryStream(new byte[300_000]));
            await store.PutAsync("k", content, ObjectOptions.None, default);
            await store.UploadPartAsync("k", "U", 1, content, default);
            Assert.Equal(["UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD"], hashes);
            Assert.Equal(2, content.Opened);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Hostile_keys_reach_the_wire_as_they_were_signed()
    {
        string[] keys = ["a//b", "./x", "../y", "x/./y/../z", "%2e%2e/z", "a b+c&d?e#f", "é😀", "back\\slash", "trail.", "tab\t", ".", "..", "a/"];
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        foreach (var key in keys) Assert.NotNull(await store.HeadAsync(key, default));
        Assert.Equal(keys.Select(k => "/bucket/" + OssUrl.EncodePath(k)), server.Requests.Select(r => r.Target));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a\nb")]
    [InlineData("a\u0001b")]
    [InlineData("a\ufffe")]
    [InlineData("half a pair")]
    [InlineData("too long")]
    public async Task Keys_that_cannot_be_sent_as_they_are_never_leave(string key)
    {
        // Test data travels as UTF-8 and cannot hold half a pair.
        if (key == "half a pair") key = "half" + "😀"[0];
        if (key == "too long") key = new string('é', 513);
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        Assert.Equal(StoreErrorKind.InvalidName, (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(key, default))).Kind);
        Assert.Equal(
            StoreErrorKind.InvalidName,
            (await Assert.ThrowsAsync<StoreException>(() => store.CopyAsync(key, null, "b", false, ObjectOptions.None, default))).Kind);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_wrong_clock_is_put_right_from_the_servers_and_the_refused_call_made_once_more()
    {
        var serverTime = DateTimeOffset.UtcNow.AddDays(-400);
        await using var server = RawServer.Answering(request =>
            Signed(request) < serverTime.AddMinutes(15) && Signed(request) > serverTime.AddMinutes(-15)
                ? RawServer.Answer("200 OK", "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>")
                : RawServer.Error("403 Forbidden", "RequestTimeTooSkewed", $"Date: {serverTime:R}"));
        using var store = S3Stores.For(server);
        Assert.Equal("U", await store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Equal(2, server.Requests.Count);
        await store.InitiateMultipartAsync("k", ObjectOptions.None, default);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_clock_that_cannot_be_put_right_ends_after_one_repeat()
    {
        await using var server = RawServer.Answering(request =>
            RawServer.Error("403 Forbidden", "RequestTimeTooSkewed", $"Date: {Signed(request).AddHours(1):R}"));
        using var store = S3Stores.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default));
        Assert.Equal((StoreErrorKind.ClockSkew, false), (error.Kind, error.MayHaveSucceeded));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_token_that_has_expired_is_asked_for_anew()
    {
        await using var server = RawServer.Answering(r => r.Header("x-amz-security-token") == "fresh"
            ? RawServer.Answer("200 OK", "", Etag, RequestId)
            : RawServer.Error("400 Bad Request", "ExpiredToken"));
        var tokens = new Queue<string>(["stale", "fresh"]);
        using var store = S3Stores.For(server, credentials: new Tokens(() => tokens.Dequeue()));
        await store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_head_says_so_by_its_status_only()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("400 Bad Request", "", RequestId));
        using var store = S3Stores.For(server, credentials: new Tokens(() => "stale"));
        Assert.Equal(StoreErrorKind.TokenExpired, (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default))).Kind);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Credentials_are_asked_for_each_call_and_never_shown()
    {
        await using var server = RawServer.Answering(_ => RawServer.Error("403 Forbidden", "SignatureDoesNotMatch"));
        var asked = 0;
        using var store = S3Stores.For(server, credentials: new Tokens(() => $"secret-token-{++asked}"));
        for (var n = 1; n <= 2; n++)
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default));
            Assert.Equal(n, asked);
            Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_store_that_knows_no_condition_is_looked_at_instead()
    {
        var isThere = false;
        await using var server = RawServer.Answering(r =>
            r.Line.StartsWith("HEAD", StringComparison.Ordinal) ? isThere ? RawServer.Answer("200 OK", "", Etag) : RawServer.Answer("404 Not Found", "", RequestId)
            : r.Header("If-None-Match") is not null ? RawServer.Error("501 Not Implemented", "NotImplemented")
            : RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        var createOnly = new ObjectOptions { ForbidOverwrite = true };
        await store.PutAsync("k", new BytesContent([1]), createOnly, default);
        Assert.Equal(["HEAD", "PUT", "PUT"], server.Requests.Select(r => r.Line.Split(' ')[0]));
        server.Requests.Clear();

        // Remembered.
        await store.PutAsync("k", new BytesContent([1]), createOnly, default);
        Assert.Equal(["HEAD", "PUT"], server.Requests.Select(r => r.Line.Split(' ')[0]));
        server.Requests.Clear();

        isThere = true;
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1]), createOnly, default));
        Assert.Equal((StoreErrorKind.AlreadyExists, false), (error.Kind, error.MayHaveSucceeded));
        Assert.Equal(["HEAD"], server.Requests.Select(r => r.Line.Split(' ')[0]));
    }

    [Fact]
    public async Task At_amazon_nothing_is_looked_at()
    {
        await using var server = RawServer.Answering(_ => RawServer.Error("412 Precondition Failed", "PreconditionFailed"));
        var port = new Uri(server.Url).Port;
        using var store = S3ObjectStore.Create(
            new S3StoreOptions { Bucket = "bucket", Endpoint = "http://s3.eu-west-1.amazonaws.com", AllowHttp = true },
            new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System,
            handler =>
            {
                handler.UseProxy = false;
                handler.ConnectCallback = async (_, cancellationToken) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                    await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                };
            });
        Assert.True(store.Capabilities.ForbidOverwrite);
        var createOnly = new ObjectOptions { ForbidOverwrite = true };
        Func<Task>[] calls =
        [
            () => store.PutAsync("k", new BytesContent([1]), createOnly, default),
            () => store.CompleteMultipartAsync("k", "U", [new(1, "E")], createOnly, default),
            () => store.CopyAsync("s", null, "k", false, createOnly, default),
        ];
        foreach (var call in calls) Assert.Equal(StoreErrorKind.AlreadyExists, (await Assert.ThrowsAsync<StoreException>(call)).Kind);
        Assert.Equal(["*", "*", "*"], server.Requests.Select(r => r.Header("If-None-Match")));
        Assert.All(server.Requests, r => Assert.Equal("bucket.s3.eu-west-1.amazonaws.com", r.Header("Host")));
        Assert.All(server.Requests, r => Assert.Contains("/eu-west-1/s3/aws4_request", r.Header("Authorization"), StringComparison.Ordinal));

        // Another condition may be what failed: only then, a look tells which.
        server.Requests.Clear();
        await Assert.ThrowsAsync<StoreException>(() => store.CopyAsync("s", "E", "k", false, createOnly, default));
        Assert.Equal(["PUT", "HEAD"], server.Requests.Select(r => r.Line.Split(' ')[0]));
    }

    [Fact]
    public async Task An_encryption_that_is_not_confirmed_is_not_passed_over()
    {
        await using var server = RawServer.Answering(r => r.Line.StartsWith("POST", StringComparison.Ordinal)
            ? RawServer.Answer("200 OK", "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>")
            : RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        var options = new ObjectOptions { Encryption = new ServerSideEncryption("KMS", "key-1") };
        Assert.Equal(
            StoreErrorKind.NotSupported,
            (await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1]), options, default))).Kind);
        Assert.Equal(("aws:kms", "key-1"), (server.Requests.Single().Header("x-amz-server-side-encryption"), server.Requests.Single().Header("x-amz-server-side-encryption-aws-kms-key-id")));
        var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", options, default));
        Assert.StartsWith("DELETE /bucket/k?uploadId=U ", server.Requests.Last().Line, StringComparison.Ordinal);
        // Nothing is left of it.
        Assert.Equal((StoreErrorKind.NotSupported, false), (error.Kind, error.MayHaveSucceeded));
    }

    [Fact]
    public async Task What_is_stored_otherwise_than_asked_for_is_not_stored_again_without_its_condition()
    {
        await using var server = RawServer.Answering(r =>
            r.Line.StartsWith("HEAD", StringComparison.Ordinal) ? RawServer.Answer("404 Not Found", "", RequestId) : RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
        var options = new ObjectOptions { Encryption = new ServerSideEncryption("AES256"), ForbidOverwrite = true };
        for (var n = 0; n < 2; n++)
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1]), options, default));
            Assert.Equal((StoreErrorKind.NotSupported, true), (error.Kind, error.MayHaveSucceeded));
        }

        Assert.Equal(["HEAD", "PUT", "HEAD", "PUT"], server.Requests.Select(r => r.Line.Split(' ')[0]));
        Assert.All(server.Requests.Where(r => r.Line.StartsWith("PUT", StringComparison.Ordinal)), r => Assert.Equal("*", r.Header("If-None-Match")));
    }

    [Fact]
    public async Task Options_are_the_same_headers_on_a_put_an_upload_and_a_copy()
    {
        await using var server = RawServer.Answering(r => RawServer.Answer(
            "200 OK",
            r.Line.StartsWith("POST", StringComparison.Ordinal) ? "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>"
            : r.Target.EndsWith("?tagging", StringComparison.Ordinal)
                ? "<Tagging><TagSet><Tag><Key>a b</Key><Value>+=/é</Value></Tag><Tag><Key>c</Key><Value></Value></Tag></TagSet></Tagging>"
            : r.Header("x-amz-copy-source") is null ? "" : "<CopyObjectResult><ETag>E</ETag></CopyObjectResult>",
            Etag, RequestId, "x-amz-server-side-encryption: aws:kms"));
        using var store = S3Stores.For(server);
        var options = new ObjectOptions
        {
            ContentType = "text/x-test", CacheControl = "no-store", ContentDisposition = "attachment", ContentEncoding = "gzip", Acl = "public-read",
            StorageClass = "STANDARD_IA", Encryption = new ServerSideEncryption("KMS", "key-1"),
            Tags = new Dictionary<string, string> { ["a b"] = "+=/é", ["c"] = "" }, Metadata = new Dictionary<string, string> { ["note"] = "n" },
        };
        await store.PutAsync("k", new BytesContent([1]), options, default);
        await store.InitiateMultipartAsync("k", options, default);
        await store.CopyAsync("s", null, "k", replaceMetadata: true, options, default);
        var sent = server.Requests.Where(r => !r.Line.StartsWith("GET", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, sent.Count);
        Assert.All(sent, r => Assert.Equal(
            [
                "text/x-test", "no-store", "attachment", "gzip", "public-read", "STANDARD_IA", "aws:kms", "key-1", "a%20b=%2B%3D%2F%C3%A9&c=", "n",
            ],
            new[]
            {
                "Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "x-amz-acl", "x-amz-storage-class",
                "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-tagging", "x-amz-meta-note",
            }.Select(r.Header)));
        Assert.Equal(("REPLACE", "REPLACE"), (sent[2].Header("x-amz-tagging-directive"), sent[2].Header("x-amz-metadata-directive")));
    }

    private static DateTimeOffset Signed(RawRequest request) =>
        DateTimeOffset.ParseExact(request.Header("x-amz-date")!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private sealed class Tokens(Func<string> next) : ICredentialsProvider
    {
        public ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken) => new(new StoreCredentials("ak", "secret-key", next()));
    }
}
