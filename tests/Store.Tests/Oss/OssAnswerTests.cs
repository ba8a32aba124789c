using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>What the client makes of answers: refusals that can be put right, errors in odd places, answers of strangers.</summary>
public class OssAnswerTests
{
    private const string Etag = "ETag: \"E\"";

    [Fact]
    public async Task A_wrong_clock_is_corrected_from_the_servers_date_and_stays_so()
    {
        var time = new ManualTime();
        var serverTime = time.GetUtcNow().AddHours(-5);
        await using var server = RawServer.Answering(r => r.Header("x-oss-date") == OssSigner.FormatTime(serverTime)
            ? RawServer.Answer("200 OK", "", Etag)
            : RawServer.Error("403 Forbidden", "RequestTimeTooSkewed", $"Date: {serverTime:R}"));
        using var store = OssClient.For(server, time);

        await store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default);
        Assert.Equal(2, server.Requests.Count);
        await store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default);
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_server_that_refuses_every_time_gets_two_requests()
    {
        var time = new ManualTime();
        var minutes = 0;
        await using var server = RawServer.Answering(_ =>
            RawServer.Error("403 Forbidden", "RequestTimeTooSkewed", $"Date: {time.GetUtcNow().AddMinutes(minutes += 20):R}"));
        using var store = OssClient.For(server, time);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.ListAsync(new ListRequest(""), default));
        Assert.Equal(StoreErrorKind.ClockSkew, error.Kind);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task An_expired_token_is_asked_for_again_and_the_call_repeated_once()
    {
        await using var server = RawServer.Answering(r => r.Header("x-oss-security-token") == "new"
            ? RawServer.Answer("200 OK", "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>")
            : RawServer.Error("403 Forbidden", "SecurityTokenExpired"));

        using (var store = OssClient.For(server, credentials: new Tokens("old", "new")))
            Assert.Equal("U", await store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Equal(2, server.Requests.Count);

        server.Requests.Clear();
        using (var store = OssClient.For(server, credentials: new Tokens("old", "old")))
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", ObjectOptions.None, default));
            Assert.Equal(StoreErrorKind.TokenExpired, error.Kind);
        }

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_error_in_the_body_of_a_200_is_an_error()
    {
        await using var server = RawServer.Answering(_ => RawServer.Error("200 OK", "InternalError"));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.CompleteMultipartAsync("k", "U", [new(1, "E")], ObjectOptions.None, default));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
        Assert.Equal("InternalError", error.Code);
        Assert.True(error.MayHaveSucceeded);
    }

    [Fact]
    public async Task A_refusal_says_what_the_store_said()
    {
        await using var server = RawServer.Answering(_ => RawServer.Error("403 Forbidden", "AccessDenied"));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("k", null, null, default));
        Assert.Equal((StoreErrorKind.AccessDenied, 403, "AccessDenied", "R1", "0001-1"), (error.Kind, error.HttpStatus, error.Code, error.RequestId, error.ErrorCode));
        Assert.Equal("GetObject was answered with 403 AccessDenied: words", error.Message);
    }

    [Fact]
    public async Task A_sign_in_page_is_neither_success_nor_absence()
    {
        const string page = "<html><body>Welcome to the hotel</body></html>";
        await using var server = RawServer.Answering(r => RawServer.Answer(r.Line.StartsWith("HEAD", StringComparison.Ordinal) ? "404 Not Found" : "200 OK", r.Line.StartsWith("HEAD", StringComparison.Ordinal) ? "" : page));
        using var store = OssClient.For(server);
        Func<Task>[] calls =
        [
            () => store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default),
            () => store.UploadPartAsync("k", "U", 1, new BytesContent([1]), default),
            () => store.InitiateMultipartAsync("k", ObjectOptions.None, default),
            () => store.CompleteMultipartAsync("k", "U", [new(1, "E")], ObjectOptions.None, default),
            () => store.CopyAsync("a", null, "k", false, ObjectOptions.None, default),
            () => store.GetAsync("k", null, null, default),
            () => store.ListAsync(new ListRequest(""), default),
            () => store.ListPartsAsync("k", "U", 0, default),
            () => store.ListUploadsAsync("", null, null, default),
        ];
        foreach (var call in calls) Assert.Equal(StoreErrorKind.Network, (await Assert.ThrowsAsync<StoreException>(call)).Kind);
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default))).Kind);
    }

    [Theory]
    [InlineData("NoSuchKey", null)]
    [InlineData("NoSuchBucket", StoreErrorKind.NoSuchBucket)]
    public async Task The_answer_to_head_tells_a_missing_object_from_a_missing_bucket(string code, StoreErrorKind? thrown)
    {
        var document = Convert.ToBase64String(Encoding.UTF8.GetBytes($"<Error><Code>{code}</Code><Message>m</Message></Error>"));
        await using var server = RawServer.Answering(_ => RawServer.Answer("404 Not Found", "", $"x-oss-err: {document}", "x-oss-request-id: R"));
        using var store = OssClient.For(server);
        if (thrown is null) Assert.Null(await store.HeadAsync("k", default));
        else Assert.Equal(thrown, (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default))).Kind);
    }

    [Fact]
    public async Task Redirects_are_not_followed_with_a_signature()
    {
        await using var other = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        await using var server = RawServer.Answering(_ => RawServer.Answer("307 Temporary Redirect", "", $"Location: {other.Url}/bucket/k"));
        using var store = OssClient.For(server);
        Assert.Equal(307, (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default))).HttpStatus);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task What_a_put_says_about_its_object()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag, "x-oss-version-id: V", "x-oss-request-id: R", $"x-oss-hash-crc64ecma: {Crc64.Compute([7])}"));
        using var store = OssClient.For(server);
        var options = new ObjectOptions { ContentType = "text/x", Metadata = new Dictionary<string, string> { ["generation"] = "12" } };
        var stored = await store.PutAsync("k", new BytesContent([7]) { Md5 = new byte[16] }, options, default);
        Assert.Equal(new StoredObject("E", Crc64.Compute([7]), "V", "R"), stored);

        var request = server.Requests.Single();
        Assert.Equal("PUT /bucket/k HTTP/1.1", request.Line);
        Assert.Equal("text/x", request.Header("Content-Type"));
        Assert.Equal("12", request.Header("x-oss-meta-generation"));
        Assert.Equal(Convert.ToBase64String(new byte[16]), request.Header("Content-MD5"));
        Assert.Equal("UNSIGNED-PAYLOAD", request.Header("x-oss-content-sha256"));
        Assert.Equal("1", request.Header("Content-Length"));
        Assert.Null(request.Header("Transfer-Encoding"));
        Assert.Null(request.Header("x-oss-forbid-overwrite"));
    }

    [Fact]
    public async Task Head_and_get_understand_every_header()
    {
        string[] headers =
        [
            Etag, "Last-Modified: Fri, 17 Mar 2023 06:07:05 GMT", "Content-Type: text/x", "x-oss-hash-crc64ecma: 11051210869376104954",
            "x-oss-version-id: V", "x-oss-storage-class: IA", "x-oss-meta-Author: alice, bob",
        ];
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", headers));
        using var store = OssClient.For(server);
        var info = (await store.HeadAsync("k", default))!;
        Assert.Equal(("k", 0L, "E", "V", "IA", "text/x"), (info.Key, info.Size, info.ETag, info.VersionId, info.StorageClass, info.ContentType));
        Assert.Equal(0x995dc9bbdf1939faUL, info.Crc64);
        Assert.Equal(new DateTimeOffset(2023, 3, 17, 6, 7, 5, TimeSpan.Zero), info.LastModified);
        Assert.Equal([new("author", "alice, bob")], info.Metadata);
    }

    private sealed class Tokens(params string[] tokens) : ICredentialsProvider
    {
        private int _asked = -1;

        public ValueTask<StoreCredentials> GetAsync(CancellationToken cancellationToken) =>
            new(new StoreCredentials("ak", "sk", tokens[Math.Min(++_asked, tokens.Length - 1)]));
    }
}
