using System.Text;
using System.Text.Json;

namespace SyncAgent.Store.Tests;

/// <summary>What the client sends for options and callbacks, and what it makes of answers that DevStore does not give.</summary>
public class OssCallbackAnswerTests
{
    private const string Refusal = "<Error><Code>CallbackFailed</Code><Message>Error status : 502.</Message><RequestId>R1</RequestId><EC>0007-1</EC></Error>";
    private const string Modified = "Last-Modified: Fri, 17 Mar 2023 06:07:05 GMT";
    private static readonly ObjectOptions Options = new() { Callback = new UploadCallback("http://example.com/", "x") };
    private static readonly string Crc = $"x-oss-hash-crc64ecma: {Crc64.Compute([1, 2, 3])}";

    [Fact]
    public async Task Every_option_is_the_header_that_the_documentation_names()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "{}", "ETag: \"E\"", Crc));
        using var store = OssClient.For(server);
        var options = new ObjectOptions
        {
            ContentType = "text/plain",
            CacheControl = "no-cache",
            ContentDisposition = "inline",
            ContentEncoding = "gzip",
            Metadata = new Dictionary<string, string> { ["a"] = "b" },
            Acl = "public-read",
            StorageClass = "IA",
            Tags = new Dictionary<string, string> { ["a b"] = "1+1=2", ["é&"] = "" },
            Encryption = new ServerSideEncryption("KMS", "key-1"),
            ForbidOverwrite = true,
            Callback = new UploadCallback("https://example.com/a;http://example.com/b", "{\"o\":${object}}")
            {
                Host = "example.com", BodyType = "application/json", Variables = new Dictionary<string, string> { ["x:a"] = "b" },
            },
        };
        await store.PutAsync("k", new BytesContent([1, 2, 3]), options, default);

        var sent = server.Requests.Single();
        Assert.Equal(
            ["text/plain", "no-cache", "inline", "gzip", "b", "public-read", "IA", "a%20b=1%2B1%3D2&%C3%A9%26=", "KMS", "key-1", "true"],
            ((string[])["Content-Type", "Cache-Control", "Content-Disposition", "Content-Encoding", "x-oss-meta-a", "x-oss-object-acl", "x-oss-storage-class",
                "x-oss-tagging", "x-oss-server-side-encryption", "x-oss-server-side-encryption-key-id", "x-oss-forbid-overwrite"]).Select(sent.Header));
        using var callback = JsonDocument.Parse(Convert.FromBase64String(sent.Header("x-oss-callback")!));
        Assert.Equal(
            [("callbackUrl", "https://example.com/a;http://example.com/b"), ("callbackHost", "example.com"), ("callbackBody", "{\"o\":${object}}"), ("callbackBodyType", "application/json")],
            callback.RootElement.EnumerateObject().Select(p => (p.Name, p.Value.GetString()!)));
        Assert.Equal("{\"x:a\":\"b\"}", Encoding.UTF8.GetString(Convert.FromBase64String(sent.Header("x-oss-callback-var")!)));
    }

    [Fact]
    public async Task What_only_complete_carries_is_checked_before_the_upload_begins_and_not_sent_with_it()
    {
        await using var server = RawServer.Answering(_ =>
            RawServer.Answer("200 OK", "<InitiateMultipartUploadResult><UploadId>U</UploadId></InitiateMultipartUploadResult>"));
        using var store = OssClient.For(server);
        var options = Options with { Acl = "private" };
        Assert.Equal("U", await store.InitiateMultipartAsync("k", options, default));
        Assert.Null(server.Requests.Single().Header("x-oss-callback"));
        Assert.Null(server.Requests.Single().Header("x-oss-object-acl"));

        server.Requests.Clear();
        var wrong = new ObjectOptions { Callback = new UploadCallback("ftp://example.com/", "") };
        await Assert.ThrowsAsync<ArgumentException>(() => store.InitiateMultipartAsync("k", wrong, default));
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("", "x", "application/json", null, "x:a", "callback.url")]
    [InlineData("example.com/hook", "x", "application/json", null, "x:a", "callback.url")]
    [InlineData("file:///etc/passwd", "x", "application/json", null, "x:a", "callback.url")]
    [InlineData("http://example.com/ü", "x", "application/json", null, "x:a", "callback.url")]
    [InlineData("http://a;http://b;http://c;http://d;http://e;http://f", "x", "application/json", null, "x:a", "callback.url")]
    [InlineData("http://a", "", "application/json", null, "x:a", "callback.body")]
    [InlineData("http://a", "x", "text/plain", null, "x:a", "callback.bodyType")]
    [InlineData("http://a", "x", "application/json", "a b", "x:a", "callback.host")]
    [InlineData("http://a", "x", "application/json", "a\r\nb: c", "x:a", "callback.host")]
    [InlineData("http://a", "x", "application/json", null, "a", "callback.variables")]
    [InlineData("http://a", "x", "application/json", null, "x:A", "callback.variables")]
    [InlineData("http://a", "x", "application/json", null, "x:", "callback.variables")]
    public async Task A_callback_that_cannot_work_is_refused_and_its_mistake_named(
        string url, string body, string type, string? host, string variable, string mistake)
    {
        var callback = new UploadCallback(url, body) { BodyType = type, Host = host, Variables = new Dictionary<string, string> { [variable] = "1" } };
        using var store = OssClient.For("http://127.0.0.1:1");
        var error = await Assert.ThrowsAsync<ArgumentException>(
            () => store.PutAsync("k", BytesContent.Empty, new ObjectOptions { Callback = callback }, default));
        Assert.Contains($"\n  {mistake}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_that_is_too_long_for_its_header_is_refused()
    {
        using var store = OssClient.For("http://127.0.0.1:1");
        UploadCallback[] tooLong =
        [
            new("http://a", new string('x', 4000)),
            new("http://a", "x") { Variables = new Dictionary<string, string> { ["x:a"] = new('y', 4000) } },
        ];
        foreach (var callback in tooLong)
        {
            var error = await Assert.ThrowsAsync<StoreException>(
                () => store.PutAsync("k", BytesContent.Empty, new ObjectOptions { Callback = callback }, default));
            Assert.Equal(StoreErrorKind.NotSupported, error.Kind);
        }
    }

    [Fact]
    public async Task A_203_with_all_its_headers_needs_no_further_look()
    {
        await using var server = RawServer.Answering(_ =>
            RawServer.Answer("203 Non-Authoritative Information", Refusal, "ETag: \"E\"", Crc, "x-oss-version-id: V"));
        using var store = OssClient.For(server);
        var stored = await store.PutAsync("k", new BytesContent([1, 2, 3]), Options, default);
        Assert.Equal(("E", Crc64.Compute([1, 2, 3]), "V"), (stored.ETag, stored.Crc64, stored.VersionId));
        Assert.Equal(new CallbackResult(false, "CallbackFailed: Error status : 502. (request R1, EC 0007-1)"), stored.Callback);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_203_does_not_say_is_looked_up(bool complete)
    {
        await using var server = RawServer.Answering(request => request.Line.StartsWith("HEAD", StringComparison.Ordinal)
            ? RawServer.Answer("200 OK", "", "ETag: \"E\"", Crc, Modified, "x-oss-version-id: V")
            : RawServer.Answer("203 Non-Authoritative Information", Refusal));
        using var store = OssClient.For(server);
        var stored = complete
            ? await store.CompleteMultipartAsync("k", "U", [new(1, "P")], Options, default)
            : await store.PutAsync("k", new BytesContent([1, 2, 3]), Options, default);
        Assert.Equal(("E", Crc64.Compute([1, 2, 3]), "V", false), (stored.ETag, stored.Crc64, stored.VersionId, stored.Callback!.Notified));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_checksum_is_not_taken_from_what_another_writer_has_put_there_since()
    {
        await using var server = RawServer.Answering(request => request.Line.StartsWith("HEAD", StringComparison.Ordinal)
            ? RawServer.Answer("200 OK", "", "ETag: \"other\"", "x-oss-hash-crc64ecma: 5", Modified)
            : RawServer.Answer("203 Non-Authoritative Information", Refusal, "ETag: \"E\""));
        using var store = OssClient.For(server);
        var stored = await store.PutAsync("k", new BytesContent([1, 2, 3]), Options, default);
        Assert.Equal(("E", (ulong?)null), (stored.ETag, stored.Crc64));
    }

    [Fact]
    public async Task Another_object_than_was_sent_is_never_taken_for_it()
    {
        await using var server = RawServer.Answering(request => request.Line.StartsWith("HEAD", StringComparison.Ordinal)
            ? RawServer.Answer("200 OK", "", "ETag: \"other\"", "x-oss-hash-crc64ecma: 5", Modified)
            : RawServer.Answer("203 Non-Authoritative Information", Refusal));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1, 2, 3]), Options, default));
        Assert.True(error is { Kind: StoreErrorKind.ChecksumMismatch, MayHaveSucceeded: true });
    }

    [Fact]
    public async Task A_complete_that_failed_behind_its_200_has_failed()
    {
        await using var server = RawServer.Answering(_ =>
            RawServer.Answer("200 OK", "<Error><Code>InternalError</Code><Message>m</Message></Error>"));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.CompleteMultipartAsync("k", "U", [new(1, "P")], Options, default));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<CompleteMultipartUploadResult><ETag>\"E\"</ETag></CompleteMultipartUploadResult>")]
    public async Task A_server_that_knows_no_callbacks_has_notified_nobody(string body)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", body, "ETag: \"E\"", Crc));
        using var store = OssClient.For(server);
        var stored = await store.CompleteMultipartAsync("k", "U", [new(1, "P")], Options, default);
        Assert.Equal("E", stored.ETag);
        Assert.False(stored.Callback!.Notified);
    }

    [Fact]
    public async Task A_long_answer_of_the_application_is_cut_and_a_broken_one_changes_nothing()
    {
        var answer = $"\"{new string('a', 100_000)}\"";
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync(RawServer.Answer("200 OK", answer, "ETag: \"E\"", Crc));
        });
        using var store = OssClient.For(server);
        var stored = await store.PutAsync("k", new BytesContent([1, 2, 3]), Options, default);
        Assert.Equal(new CallbackResult(true, answer[..4096]), stored.Callback);

        await using var broken = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\nETag: \"E\"\r\n{Crc}\r\nContent-Length: 100\r\n\r\n{{\"a\":");
        });
        using var other = OssClient.For(broken);
        Assert.Equal(new CallbackResult(true, "{\"a\":"), (await other.PutAsync("k", new BytesContent([1, 2, 3]), Options, default)).Callback);
    }
}
