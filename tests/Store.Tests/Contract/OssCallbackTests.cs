using System.Collections.Concurrent;
using System.Text;
using SyncAgent.DevStore;

namespace SyncAgent.Store.Tests;

/// <summary>Upload callbacks through DevStore to an application on this machine, with the retries that a real agent has.</summary>
public sealed class OssCallbackTests(DevStoreFixture fixture) : IClassFixture<DevStoreFixture>
{
    private static readonly byte[] Content = "hello"u8.ToArray();
    private readonly string _prefix = fixture.NextPrefix();

    private string Key => _prefix + "a b";

    private RetryingStore Store { get; } = new(fixture.Store, new RetryOptions(), TimeProvider.System, new Random(1));

    [Fact]
    public async Task An_application_is_told_what_was_put_and_its_answer_comes_back()
    {
        await using var application = new Application("200 OK", """{"ok":true}""");
        var stored = await PutAsync(new UploadCallback(application.Url + "/hook?a=b", "b=${bucket}&o=${object}&e=${etag}&n=${size}&t=${mimeType}&w=${x:who}&${none}")
        {
            Host = "app.example.com:81",
            Variables = new Dictionary<string, string> { ["x:who"] = "me & you" },
        });
        Assert.Equal(new CallbackResult(true, """{"ok":true}"""), stored.Callback);
        var call = Assert.Single(application.Calls);
        Assert.Equal(
            $"b=contract&o={Uri.EscapeDataString(Key)}&e={stored.ETag}&n=5&t=text%2Fx-hook&w=me%20%26%20you&", Encoding.UTF8.GetString(call.Body));
        Assert.Equal(("POST /hook?a=b HTTP/1.1", "app.example.com:81"), (call.Line, call.Header("Host")));
        Assert.StartsWith("application/x-www-form-urlencoded", call.Header("Content-Type"), StringComparison.Ordinal);
        await AssertStoredAsync(stored);
    }

    [Fact]
    public async Task A_complete_tells_it_too_and_takes_its_etag_from_the_headers()
    {
        await using var application = new Application("200 OK", """{"ETag":"not this one"}""");
        var options = new ObjectOptions
        {
            ContentType = "text/x-hook",
            Callback = new UploadCallback(application.Url, """{"object":${object},"size":${size},"who":${x:who}}""")
            {
                BodyType = "application/json",
                Variables = new Dictionary<string, string> { ["x:who"] = "\"é\"" },
            },
        };
        var id = await Store.InitiateMultipartAsync(Key, options, default);
        var part = await Store.UploadPartAsync(Key, id, 1, new BytesContent(Content), default);
        Assert.Empty(application.Calls);

        var stored = await Store.CompleteMultipartAsync(Key, id, [new(1, part.ETag)], options, default);

        Assert.Equal(new CallbackResult(true, """{"ETag":"not this one"}"""), stored.Callback);
        using var told = System.Text.Json.JsonDocument.Parse(Assert.Single(application.Calls).Body);
        Assert.Equal(
            (Key, 5, "\"é\""),
            (told.RootElement.GetProperty("object").GetString(), told.RootElement.GetProperty("size").GetInt32(), told.RootElement.GetProperty("who").GetString()));
        await AssertStoredAsync(stored);
    }

    [Theory]
    [InlineData("500 Internal Server Error", "{}", "500")]
    [InlineData("404 Not Found", "{}", "404")]
    [InlineData("302 Found", "{}", "302")]
    [InlineData("200 OK", "thank you", "json")]
    [InlineData("200 OK", "", "json")]
    public async Task An_application_that_fails_leaves_the_object_stored_and_is_not_asked_twice(string status, string answer, string why)
    {
        await using var application = new Application(status, answer);
        var put = await PutAsync(new UploadCallback(application.Url, "o=${object}"));
        AssertFailed(put, why);
        await AssertStoredAsync(put);

        var options = new ObjectOptions { ContentType = "text/x-hook", Callback = new UploadCallback(application.Url, "o=${object}") };
        var id = await Store.InitiateMultipartAsync(Key, options, default);
        var part = await Store.UploadPartAsync(Key, id, 1, new BytesContent(Content), default);
        var complete = await Store.CompleteMultipartAsync(Key, id, [new(1, part.ETag)], options, default);
        AssertFailed(complete, why);
        await AssertStoredAsync(complete);

        Assert.Equal(2, application.Calls.Count);
        Assert.Equal(1, fixture.Server.Log.Entries.Count(e => e.Key == Key && e.Operation == "PutObject"));
        Assert.Equal(1, fixture.Server.Log.Entries.Count(e => e.Key == Key && e.Operation == "CompleteMultipartUpload"));
    }

    [Fact]
    public async Task Nobody_there_or_not_on_this_machine_is_a_failed_callback()
    {
        string gone;
        await using (var application = new Application("200 OK", "{}")) gone = application.Url;
        AssertFailed(await PutAsync(new UploadCallback(gone, "x")), "127.0.0.1");
        AssertFailed(await PutAsync(new UploadCallback("https://example.com/hook", "x")), "loopback");

        await using var second = new Application("200 OK", "{}");
        var stored = await PutAsync(new UploadCallback($"{gone};{second.Url}", "x"));
        Assert.Equal(new CallbackResult(true, "{}"), stored.Callback);
        Assert.Single(second.Calls);
    }

    [Fact]
    public async Task An_application_that_takes_more_than_five_seconds_has_not_been_notified()
    {
        var time = new ManualTime();
        var folder = Directory.CreateTempSubdirectory("syncagent-callback-").FullName;
        try
        {
            await using var silent = new RawServer(async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.HangAsync();
            });
            await using var server = await DevStoreServer.StartAsync(new DevStoreOptions
            {
                RootDirectory = folder, Credentials = [new DevStoreCredential("ak", "sk")], CreateBuckets = ["bucket"], TimeProvider = time, DurableWrites = false,
            });
            using var store = OssClient.For(server.Endpoint.GetLeftPart(UriPartial.Authority), time);
            var put = store.PutAsync("k", new BytesContent(Content), new ObjectOptions { Callback = new UploadCallback(silent.Url, "x") }, default);
            await time.WaitForTimerAsync(TimeSpan.FromSeconds(5));
            time.Advance(TimeSpan.FromSeconds(5));
            AssertFailed(await put, "5 seconds");
            Assert.NotNull(await store.HeadAsync("k", default));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_put_with_a_callback_is_not_repeated_blindly()
    {
        await using var application = new Application("200 OK", "{}");
        fixture.Server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = "PutObject", Key = Key });
        var error = await Assert.ThrowsAsync<StoreException>(() => PutAsync(new UploadCallback(application.Url, "x")));
        Assert.True(error.MayHaveSucceeded);
        Assert.Single(application.Calls);
    }

    private Task<StoredObject> PutAsync(UploadCallback callback) =>
        Store.PutAsync(Key, new BytesContent(Content), new ObjectOptions { ContentType = "text/x-hook", Callback = callback }, default);

    private async Task AssertStoredAsync(StoredObject stored)
    {
        var info = (await Store.HeadAsync(Key, default))!;
        Assert.Equal((info.ETag, info.Crc64, 5L), (stored.ETag, stored.Crc64, info.Size));
        Assert.Equal(Crc64.Compute(Content), stored.Crc64);
    }

    private static void AssertFailed(StoredObject stored, string why)
    {
        Assert.False(stored.Callback!.Notified);
        Assert.StartsWith("CallbackFailed: ", stored.Callback.Message, StringComparison.Ordinal);
        Assert.Contains(why, stored.Callback.Message, StringComparison.Ordinal);
        Assert.Matches("request [0-9A-F]{24}, EC 0007-", stored.Callback.Message);
    }

    /// <summary>A little web server that answers every call the same way.</summary>
    private sealed class Application : IAsyncDisposable
    {
        private readonly RawServer _server;

        public Application(string status, string answer) => _server = RawServer.Answering(request =>
        {
            Calls.Enqueue(request);
            return RawServer.Answer(status, answer, "Content-Type: application/json");
        });

        public ConcurrentQueue<RawRequest> Calls { get; } = new();

        public string Url => _server.Url;

        public ValueTask DisposeAsync() => _server.DisposeAsync();
    }
}
