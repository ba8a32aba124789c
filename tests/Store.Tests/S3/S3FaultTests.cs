using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Store.Tests;

/// <summary>What the S3 client makes of servers and networks that misbehave.</summary>
public class S3FaultTests
{
    private const string Etag = "ETag: \"E\"";
    private const string RequestId = "x-amz-request-id: R1";

    [Fact]
    public async Task A_lost_reply_is_not_repeated_behind_our_back()
    {
        // The first call leaves a connection to keep; the second is read whole and then dropped without an answer, which the HTTP
        // handler, and the vendor's client, would repeat by themselves if they took the request for harmless.
        await using var server = new RawServer(async connection =>
        {
            for (RawRequest? request; (request = await connection.ReadRequestAsync()) is not null && request.Line.StartsWith("HEAD", StringComparison.Ordinal);)
                await connection.WriteAsync(RawServer.Answer("200 OK", "", Etag));
        });
        using var store = S3Stores.For(server);
        Func<Task>[] calls =
        [
            () => store.InitiateMultipartAsync("k", ObjectOptions.None, default),
            () => store.CopyAsync("a", null, "k", false, ObjectOptions.None, default),
            () => store.CompleteMultipartAsync("k", "U", [new(1, "E")], ObjectOptions.None, default),
            () => store.PutAsync("k", new BytesContent([1, 2, 3]), ObjectOptions.None, default),
            () => store.PutAsync("k", BytesContent.Empty, ObjectOptions.None, default),
            () => store.UploadPartAsync("k", "U", 1, new BytesContent([1, 2, 3]), default),
            () => store.UploadPartCopyAsync("k", "U", 1, "a", null, new ByteRange(0, 1), default),
            () => store.AbortMultipartAsync("k", "U", default),
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

    [Theory]
    [InlineData("500 Internal Server Error", "InternalError")]
    [InlineData("503 Slow Down", "SlowDown")]
    [InlineData("400 Bad Request", "RequestTimeout")]
    [InlineData("307 Temporary Redirect", "TemporaryRedirect")]
    [InlineData("502 Bad Gateway", "")]
    public async Task Nothing_that_the_server_says_has_the_vendors_client_try_again(string status, string code)
    {
        await using var server = RawServer.Answering(_ => code.Length == 0
            ? RawServer.Answer(status, "<html>a gateway</html>", "Date: Fri, 17 Mar 2023 06:07:05 GMT")
            : RawServer.Error(status, code, "Location: http://127.0.0.1:1/elsewhere", "Date: Fri, 17 Mar 2023 06:07:05 GMT"));
        using var store = S3Stores.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Single(server.Requests);
        Assert.Equal(status[0] == '5' && code != "SlowDown", error.MayHaveSucceeded);
    }

    [Fact]
    public async Task A_refused_connection_cannot_have_done_anything()
    {
        string url;
        await using (var server = RawServer.Answering(_ => "")) url = server.Url;
        using var store = S3Stores.For(S3Stores.Options(url));
        var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
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
        using var store = S3Stores.For(server, time);
        var complete = store.CompleteMultipartAsync("k", "U", [new(1, "E")], ObjectOptions.None, default);
        var limit = S3Stores.Options("x").Connection.ResponseTimeout;
        await time.WaitForTimerAsync(limit);
        time.Advance(limit);
        var error = await Assert.ThrowsAsync<StoreException>(() => complete);
        Assert.Equal(StoreErrorKind.Timeout, error.Kind);
        Assert.True(error.MayHaveSucceeded);
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
        using var store = S3Stores.For(server, time);
        using var body = await store.GetAsync("k", null, null, default);
        var buffer = new byte[10];
        await body.Content.ReadExactlyAsync(buffer.AsMemory(0, 3));
        // Between reads it is our turn, and no time runs.
        time.Advance(TimeSpan.FromDays(1));
        var read = body.Content.ReadAsync(buffer).AsTask();
        time.Advance(S3Stores.Options("x").Connection.StallTimeout);
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
        using var store = S3Stores.For(server);
        using var body = await store.GetAsync("k", null, null, default);
        var error = await Assert.ThrowsAsync<StoreException>(() => body.Content.CopyToAsync(Stream.Null));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
    }

    [Theory]
    [InlineData("200 OK", "Content-Language: x")]
    [InlineData("206 Partial Content", "Content-Range: bytes 0-2/9")]
    [InlineData("206 Partial Content", "Content-Range: bytes 2-3/9")]
    [InlineData("206 Partial Content", "Content-Language: x")]
    public async Task Another_range_than_asked_for_is_never_handed_out(string status, string header)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer(status, "abc", Etag, header));
        using var store = S3Stores.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("k", new ByteRange(2, 3), null, default));
        Assert.Equal(StoreErrorKind.Network, error.Kind);
    }

    [Fact]
    public async Task A_whole_body_is_held_against_an_etag_that_is_an_md5_before_its_end_is_seen()
    {
        var right = Convert.ToHexStringLower(MD5.HashData("123456789"u8));
        var wrong = Convert.ToHexStringLower(MD5.HashData("other"u8));
        await using var server = RawServer.Answering(r => r.Header("Range") is null
            ? RawServer.Answer("200 OK", "123456789", $"ETag: \"{(r.Target.EndsWith("good", StringComparison.Ordinal) ? right : wrong)}\"")
            : RawServer.Answer("206 Partial Content", "345", $"ETag: \"{wrong}\"", "Content-Range: bytes 2-4/9"));
        using var store = S3Stores.For(server);
        using (var good = await store.GetAsync("good", null, null, default)) Assert.Equal("123456789", await ReadAsync(good));
        using (var bad = await store.GetAsync("bad", null, null, default))
        {
            Assert.Equal((wrong, wrong), (bad.Info.ETag, bad.Info.Md5));
            Assert.Equal(StoreErrorKind.ChecksumMismatch, (await Assert.ThrowsAsync<StoreException>(() => ReadAsync(bad))).Kind);
        }

        // The ETag of a range's answer is the whole object's and says nothing about the range.
        using (var range = await store.GetAsync("bad", new ByteRange(2, 3), null, default)) Assert.Equal("345", await ReadAsync(range));
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef", null, true)]
    [InlineData("0123456789abcdef0123456789abcdef", "AES256", true)]
    [InlineData("0123456789abcdef0123456789abcdef", "aws:kms", false)]
    [InlineData("0123456789abcdef0123456789abcdef-2", null, false)]
    public async Task The_md5_of_an_object_is_stated_where_its_etag_is_one(string etag, string? encryption, bool isMd5)
    {
        string[] headers = encryption is null ? [$"ETag: \"{etag}\""] : [$"ETag: \"{etag}\"", $"x-amz-server-side-encryption: {encryption}"];
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", headers));
        using var store = S3Stores.For(server);
        Assert.Equal(isMd5 ? etag : null, (await store.HeadAsync("k", default))?.Md5);
        using var body = await store.GetAsync("k", null, null, default);
        Assert.Equal(isMd5 ? etag : null, body.Info.Md5);
    }

    private static async Task<string> ReadAsync(ObjectBody body)
    {
        using var text = new MemoryStream();
        await body.Content.CopyToAsync(text);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    [Fact]
    public async Task An_etag_that_is_an_md5_must_be_that_of_the_bytes_sent()
    {
        var right = Convert.ToHexStringLower(MD5.HashData([1]));
        var wrong = Convert.ToHexStringLower(MD5.HashData([2]));
        var etag = "";
        string[] more = [];
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", [$"ETag: \"{etag}\"", RequestId, .. more]));
        using var store = S3Stores.For(server);
        Func<Task>[] calls =
        [
            () => store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default),
            () => store.UploadPartAsync("k", "U", 1, new BytesContent([1]), default),
        ];
        foreach (var call in calls)
        {
            (etag, more) = (wrong, []);
            var error = await Assert.ThrowsAsync<StoreException>(call);
            Assert.Equal((StoreErrorKind.ChecksumMismatch, true, true, "R1"), (error.Kind, error.MayHaveSucceeded, error.IsTransient, error.RequestId));
            // Upper case is as good, and what is no MD5 says nothing.
            foreach (var fine in new[] { right, right.ToUpperInvariant(), "opaque", $"{wrong}-1" })
            {
                etag = fine;
                await call();
            }

            (etag, more) = (wrong, ["x-amz-server-side-encryption: aws:kms"]);
            await call();
        }
    }

    [Fact]
    public async Task The_etag_of_joined_parts_must_be_that_of_the_parts_named()
    {
        var etag = "";
        await using var server = RawServer.Answering(_ => RawServer.Answer(
            "200 OK", $"<CompleteMultipartUploadResult><ETag>&quot;{etag}&quot;</ETag></CompleteMultipartUploadResult>", RequestId));
        using var store = S3Stores.For(server);
        var first = Convert.ToHexStringLower(MD5.HashData([1]));
        var second = Convert.ToHexStringLower(MD5.HashData([2]));
        Task<StoredObject> CompleteAsync() => store.CompleteMultipartAsync("k", "U", [new(1, first), new(2, second)], ObjectOptions.None, default);

        etag = Convert.ToHexStringLower(MD5.HashData([.. MD5.HashData([1]), .. MD5.HashData([2])])) + "-2";
        Assert.Equal(etag, (await CompleteAsync()).ETag);
        foreach (var wrong in new[] { Convert.ToHexStringLower(MD5.HashData([.. MD5.HashData([2]), .. MD5.HashData([1])])) + "-2", etag[..32] + "-1" })
        {
            etag = wrong;
            Assert.Equal(StoreErrorKind.ChecksumMismatch, (await Assert.ThrowsAsync<StoreException>(CompleteAsync)).Kind);
        }

        etag = "opaque";
        Assert.Equal("opaque", (await CompleteAsync()).ETag);
    }

    public static TheoryData<string> SourceFaults => ["crc", "short", "long", "unreadable", "unopenable"];

    [Theory]
    [MemberData(nameof(SourceFaults))]
    public async Task Local_bytes_that_are_not_as_announced_never_arrive_whole(string fault)
    {
        const int length = 300_000;
        await using var server = RawServer.Answering(_ => RawServer.Answer("200 OK", "", Etag));
        using var store = S3Stores.For(server);
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
        Assert.Equal((StoreErrorKind.SourceChanged, false, false), (error.Kind, error.IsTransient, error.MayHaveSucceeded));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Bytes_that_change_after_they_were_hashed_never_arrive_whole()
    {
        const int length = 300_000;
        var received = new TaskCompletionSource<long>();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            received.TrySetResult(await connection.ReadAsync(length));
        });
        using var store = S3Stores.For(server);
        var reads = 0;
        var content = new FunctionContent(length, () => new MemoryStream(Enumerable.Repeat((byte)reads++, length).ToArray())) { Crc64 = Crc64.Compute(new byte[length]) };
        var error = await Assert.ThrowsAsync<StoreException>(() => store.UploadPartAsync("k", "U", 1, content, default));
        Assert.Equal((StoreErrorKind.SourceChanged, false), (error.Kind, error.MayHaveSucceeded));
        Assert.InRange(await received.Task.WaitAsync(TimeSpan.FromSeconds(30)), 0, length - 1);
    }

    [Fact]
    public async Task A_large_body_is_not_sent_when_the_server_refuses_its_head()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync(RawServer.Error("412 Precondition Failed", "PreconditionFailed", "Connection: close"));
        });
        using var store = S3Stores.For(S3Stores.Options(server.Url) with { ConditionalWrites = S3ConditionalWrites.On });
        var bytes = new BytesContent(new byte[1 << 20]);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", bytes, new ObjectOptions { ForbidOverwrite = true }, default));
        Assert.Equal((StoreErrorKind.AlreadyExists, "R1"), (error.Kind, error.RequestId));
        Assert.Equal(("*", "100-continue"), (server.Requests.Single().Header("If-None-Match"), server.Requests.Single().Header("Expect")));
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
        using var store = S3Stores.For(server);
        using var cancel = new CancellationTokenSource();
        var call = store.HeadAsync("k", cancel.Token);
        await arrived.Task;
        await cancel.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancel.Token, error.CancellationToken);
    }

    [Theory]
    [InlineData("200 OK", "<html>Please sign in</html>")]
    [InlineData("200 OK", "")]
    [InlineData("200 OK", "<InitiateMultipartUploadResult></InitiateMultipartUploadResult>")]
    public async Task What_is_no_answer_of_a_store_is_not_taken_for_one(string status, string body)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer(status, body));
        using var store = S3Stores.For(server);
        var error = await Assert.ThrowsAsync<StoreException>(() => store.InitiateMultipartAsync("k", ObjectOptions.None, default));
        Assert.Equal((StoreErrorKind.Network, true), (error.Kind, error.MayHaveSucceeded));
        error = await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent([1]), ObjectOptions.None, default));
        Assert.Equal((StoreErrorKind.Network, true), (error.Kind, error.MayHaveSucceeded));
    }

    [Fact]
    public async Task A_404_of_a_proxy_does_not_prove_that_an_object_is_gone()
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("404 Not Found"));
        using var store = S3Stores.For(server);
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default))).Kind);
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => store.DeleteAsync("k", default))).Kind);
    }

    [Theory]
    [InlineData("x-amz-request-id")]
    [InlineData("x-guploader-uploadid")]
    [InlineData("x-oss-request-id")]
    public async Task A_404_of_any_store_that_speaks_s3_does(string header)
    {
        await using var server = RawServer.Answering(_ => RawServer.Answer("404 Not Found", "", $"{header}: R7"));
        using var store = S3Stores.For(server);
        Assert.Null(await store.HeadAsync("k", default));
        await store.DeleteAsync("k", default);
        Assert.Equal("R7", (await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("k", null, null, default))).RequestId);
    }

    [Fact]
    public async Task An_error_after_a_200_is_an_error()
    {
        await using var server = RawServer.Answering(_ => RawServer.Error("200 OK", "InternalError", RequestId));
        using var store = S3Stores.For(server);
        Func<Task>[] calls =
        [
            () => store.CompleteMultipartAsync("k", "U", [new(1, "E")], ObjectOptions.None, default),
            () => store.CopyAsync("a", null, "k", false, ObjectOptions.None, default),
            () => store.UploadPartCopyAsync("k", "U", 1, "a", null, new ByteRange(0, 1), default),
        ];
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<StoreException>(call);
            Assert.True(error.IsTransient, error.Message);
            Assert.True(error.MayHaveSucceeded);
        }
    }
}
