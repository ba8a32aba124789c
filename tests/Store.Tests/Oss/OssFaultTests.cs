using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>What the client makes of servers and networks that misbehave.</summary>
public class OssFaultTests
{
    private const string Etag = "ETag: \"E\"";

    [Fact]
    public async Task Hostile_keys_reach_the_wire_as_they_were_signed()
    {
        string[] keys = ["a//b", "./x", "../y", "x/./y/../z", "%2e%2e/z", "a b+c&d?e#f", "é😀", "back\\slash", "trail.", "tab\t"];
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag, "Last-Modified: Fri, 17 Mar 2023 06:07:05 GMT"));
        using var store = OssClient.For(server);
        foreach (var key in keys) Assert.NotNull(await store.HeadAsync(key, default));
        Assert.Equal(keys.Select(k => "/bucket/" + OssUrl.EncodePath(k)), server.Requests.Select(r => r.Target));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("\\a")]
    [InlineData("a\nb")]
    [InlineData("half a pair")]
    [InlineData("too long")]
    public async Task Keys_that_cannot_be_sent_as_they_are_never_leave(string key)
    {
        // Test data travels as UTF-8 and cannot hold half a pair.
        if (key == "half a pair") key = "half" + "😀"[0];
        if (key == "too long") key = new string('é', 512);
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync(key, default));
        Assert.Equal(StoreErrorKind.InvalidName, error.Kind);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Metadata_that_a_header_would_change_is_refused()
    {
        using var store = OssClient.For("http://127.0.0.1:1");
        foreach (var (name, value) in new[] { ("A", "b"), ("a", "ü"), ("a", "b\r\nx-oss-acl: public"), ("a b", "c"), ("a", " b") })
        {
            var options = new ObjectOptions { Metadata = new Dictionary<string, string> { [name] = value } };
            await Assert.ThrowsAsync<ArgumentException>(() => store.PutAsync("k", BytesContent.Empty, options, default));
        }
    }

    [Fact]
    public async Task A_lost_reply_is_not_repeated_behind_our_back()
    {
        // The first call leaves a connection to keep; the second is read whole and then dropped without an answer, which the
        // HTTP handler would repeat by itself on another connection if it took the request for harmless.
        await using var server = new RawServer(async connection =>
        {
            for (RawRequest? request; (request = await connection.ReadRequestAsync()) is not null && request.Line.StartsWith("HEAD", StringComparison.Ordinal);)
                await connection.WriteAsync(RawServer.Answer("200 OK", "", Etag));
        });
        using var store = OssClient.For(server);
        Func<Task>[] calls =
        [
            () => store.InitiateMultipartAsync("k", ObjectOptions.None, default),
            () => store.CopyAsync("a", null, "k", false, ObjectOptions.None, default),
            () => store.CompleteMultipartAsync("k", "U", [new(1, "E")], ObjectOptions.None, default),
            () => store.PutAsync("k", new BytesContent([1, 2, 3]), ObjectOptions.None, default),
            () => store.DeleteAsync("k", default),
        ];
        foreach (var call in calls)
        {
            await store.HeadAsync("warm", default);
            server.Requests.Clear();
            var error = await Assert.ThrowsAsync<StoreException>(call);
            Assert.Equal(StoreErrorKind.Network, error.Kind);
            Assert.Single(server.Requests);
            Assert.True(error.MayHaveSucceeded);
        }
    }

    [Fact]
    public async Task A_refused_connection_cannot_have_done_anything()
    {
        string url;
        await using (var server = RawServer.Answering(_ => "")) url = server.Url;
        using var store = OssClient.For(url);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
        Assert.False(error.MayHaveSucceeded);
    }

    [Fact]
    public async Task A_connection_that_does_not_come_about_is_a_timeout_that_cannot_have_done_anything()
    {
        // In real time: the HTTP stack takes no clock.
        using var store = OssObjectStore.Create(
            OssClient.Options("http://127.0.0.1:1") with { Connection = new() { ConnectTimeout = TimeSpan.FromSeconds(1) } },
            new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System,
            handler => handler.ConnectCallback = async (_, cancellationToken) =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return Stream.Null;
            });
        var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Equal(StoreErrorKind.Timeout, error.Kind);
        Assert.False(error.MayHaveSucceeded);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_timeout_that_may_have_succeeded()
    {
        var time = new ManualTime();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.HangAsync();
        });
        using var store = OssClient.For(server, time);
        var put = store.PutAsync("k", new BytesContent(new byte[10]), ObjectOptions.None, default);
        var limit = new ConnectionOptions().StallTimeout; // a small body
        await time.WaitForTimerAsync(limit);
        time.Advance(limit);
        var error = await Assert.ThrowsAsync<StoreException>(() => put);
        Assert.Equal(StoreErrorKind.Timeout, error.Kind);
        Assert.True(error.MayHaveSucceeded);
    }

    [Fact]
    public async Task An_upload_that_stops_moving_is_a_timeout_that_cannot_have_succeeded()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n");
            await connection.HangAsync();
        });
        // In real time, since only the operating system knows when its buffers are full.
        using var store = OssObjectStore.Create(
            OssClient.Options(server.Url) with { Connection = new() { StallTimeout = TimeSpan.FromSeconds(1) } },
            new StaticCredentials(new StoreCredentials("ak", "sk")), TimeProvider.System);
        var content = new FunctionContent(1L << 40, () => new EndlessStream());
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", content, ObjectOptions.None, default));
        Assert.Equal(StoreErrorKind.Timeout, error.Kind);
        Assert.False(error.MayHaveSucceeded);
    }

    [Fact]
    public async Task A_download_that_stops_moving_is_a_timeout()
    {
        var time = new ManualTime();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\n{Etag}\r\nContent-Length: 10\r\n\r\nabc");
            await connection.HangAsync();
        });
        using var store = OssClient.For(server, time);
        using var body = await store.GetAsync("k", null, null, default);
        var buffer = new byte[10];
        await body.Content.ReadExactlyAsync(buffer.AsMemory(0, 3));
        // Between reads it is our turn, and no time runs.
        time.Advance(TimeSpan.FromDays(1));
        var read = body.Content.ReadAsync(buffer).AsTask();
        time.Advance(new ConnectionOptions().StallTimeout);
        Assert.Equal(StoreErrorKind.Timeout, (await Assert.ThrowsAsync<StoreException>(() => read)).Kind);
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nabc")]
    [InlineData("Content-Length: 10\r\n\r\n")]
    public async Task A_short_body_is_a_broken_connection_not_a_short_object(string rest)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\n{Etag}\r\n{rest}");
        });
        using var store = OssClient.For(server);
        using var body = await store.GetAsync("k", null, null, default);
        var error = await Assert.ThrowsAsync<StoreException>(() => body.Content.CopyToAsync(Stream.Null));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
    }

    [Fact]
    public async Task A_whole_body_is_held_against_the_stated_checksum_before_its_end_is_seen()
    {
        await using var server = RawServer.Answering(r => r.Header("Range") is null
            ? RawServer.Answer("200 OK", "123456789", Etag, $"x-oss-hash-crc64ecma: {(r.Target.EndsWith("good", StringComparison.Ordinal) ? "11051210869376104954" : "1")}")
            : RawServer.Answer("206 Partial Content", "345", Etag, "x-oss-hash-crc64ecma: 1", "Content-Range: bytes 2-4/9"));
        using var store = OssClient.For(server);

        using (var good = await store.GetAsync("good", null, null, default)) Assert.Equal("123456789", await ReadAsync(good));
        using (var bad = await store.GetAsync("bad", null, null, default))
            Assert.Equal(StoreErrorKind.ChecksumMismatch, (await Assert.ThrowsAsync<StoreException>(() => ReadAsync(bad))).Kind);
        // The checksum of a range's answer is the whole object's and says nothing about the range.
        using (var range = await store.GetAsync("bad", new ByteRange(2, 3), null, default))
        {
            Assert.Equal("345", await ReadAsync(range));
            Assert.Equal(9, range.Info.Size);
        }
    }

    [Theory]
    [InlineData("200 OK", "Content-Language: x")]
    [InlineData("206 Partial Content", "Content-Range: bytes 0-2/9")]
    [InlineData("206 Partial Content", "Content-Range: bytes 2-3/9")]
    [InlineData("206 Partial Content", "Content-Language: x")]
    public async Task Another_range_than_asked_for_is_never_handed_out(string status, string header)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer(status, "abc", Etag, header));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("k", new ByteRange(2, 3), null, default));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
    }

    [Fact]
    public async Task Bytes_that_arrived_differently_are_a_checksum_mismatch()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag, "x-oss-hash-crc64ecma: 5"));
        using var store = OssClient.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default));
        Assert.Equal(StoreErrorKind.ChecksumMismatch, error.Kind);
        Assert.True(error.MayHaveSucceeded);
        Assert.True(error.IsTransient);
    }

    public static TheoryData<string> SourceFaults => ["crc", "short", "long", "unreadable", "unopenable"];

    [Theory]
    [MemberData(nameof(SourceFaults))]
    public async Task Local_bytes_that_are_not_as_announced_never_arrive_whole(string fault)
    {
        const int length = 300_000;
        var received = new TaskCompletionSource<long>();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            received.TrySetResult(await connection.ReadAsync(length));
            await connection.WriteAsync(RawServer.Answer("200 OK", "", Etag));
        });
        using var store = OssClient.For(server);
        Func<Stream> open = fault switch
        {
            "short" => () => new MemoryStream(new byte[length - 1]),
            "long" => () => new MemoryStream(new byte[length + 1]),
            "unreadable" => () => new FailingStream(length / 2),
            "unopenable" => () => throw new FileNotFoundException("gone"),
            _ => () => new MemoryStream(new byte[length]),
        };
        var content = new FunctionContent(length, open) { Crc64 = fault == "crc" ? 77 : null };

        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", content, ObjectOptions.None, default));

        Assert.Equal(StoreErrorKind.SourceChanged, error.Kind);
        Assert.False(error.IsTransient);
        Assert.False(error.MayHaveSucceeded);
        Assert.InRange(await received.Task.WaitAsync(TimeSpan.FromSeconds(30)), 0, length - 1);
    }

    [Fact]
    public async Task A_large_body_is_not_sent_when_the_server_refuses_its_head()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(RawServer.Error("409 Conflict", "FileAlreadyExists", "Connection: close"));
        });
        using var store = OssClient.For(server);
        var content = new FunctionContent(1 << 20, () => new EndlessStream());
        var error = await Assert.ThrowsAsync<StoreException>(
            () => store.PutAsync("k", content, new ObjectOptions { ForbidOverwrite = true }, default));
        Assert.Equal(StoreErrorKind.AlreadyExists, error.Kind);
        Assert.Equal(0, content.Opened);
        Assert.Equal("true", server.Requests.Single().Header("x-oss-forbid-overwrite"));
    }

    [Fact]
    public async Task Cancelling_is_the_callers_cancellation_and_nothing_else()
    {
        var arrived = new TaskCompletionSource();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            arrived.TrySetResult();
            await connection.HangAsync();
        });
        using var store = OssClient.For(server);
        using var cancel = new CancellationTokenSource();
        var call = store.HeadAsync("k", cancel.Token);
        await arrived.Task;
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Fact]
    public async Task A_read_can_be_cancelled_by_its_own_token()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.WriteAsync($"HTTP/1.1 200 OK\r\n{Etag}\r\nContent-Length: 10\r\n\r\n");
            await connection.HangAsync();
        });
        using var store = OssClient.For(server);
        using var body = await store.GetAsync("k", null, null, default);
        using var cancel = new CancellationTokenSource();
        var read = body.Content.ReadAsync(new byte[10], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Fact]
    public async Task The_length_is_checked_even_if_the_http_stack_did_not()
    {
        using var guard = new StallGuard(TimeProvider.System, default);
        await using var body = new ResponseStream(new MemoryStream(new byte[3]), guard, TimeSpan.FromMinutes(1), "GetObject", 4, null, false);
        var error = await Assert.ThrowsAsync<StoreException>(() => body.CopyToAsync(Stream.Null));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
    }

    private static async Task<string> ReadAsync(ObjectBody body)
    {
        using var text = new MemoryStream();
        await body.Content.CopyToAsync(text);
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
