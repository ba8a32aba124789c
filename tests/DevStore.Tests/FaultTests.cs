using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;

namespace SyncAgent.DevStore.Tests;

public class FaultTests : ServerTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Errors_skip_then_hit_a_number_of_times_with_headers()
    {
        PlannedFault fault = Server.Faults.Add(new FaultRule
        {
            Kind = FaultKind.Error,
            Operation = "putobject",
            Key = "dir/*.bin",
            Skip = 1,
            Times = 2,
            Status = 503,
            Code = "TotalQpsLimitExceeded",
            Headers = new Dictionary<string, string> { ["x-oss-qos-delay-time"] = "120" },
        });
        var answers = new List<Answer>();
        for (int i = 0; i < 4; i++) answers.Add(await Client.PutAsync("dir/a.bin", [1]));
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync("dir/a.txt", [1])).Status);
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK],
            answers.Select(a => a.Status));
        Assert.Equal(("TotalQpsLimitExceeded", "120"), (answers[1].Code, answers[1].Headers["x-oss-qos-delay-time"]));
        Assert.Equal(2, fault.Hits);
        Assert.Equal(2, Server.Log.Entries.Count(e => e.Faults.SequenceEqual([FaultKind.Error])));
    }

    [Fact]
    public async Task Chance_is_seeded()
    {
        Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Times = null, Probability = 0.5, Seed = 42 });
        var random = new Random(42);
        for (int i = 0; i < 20; i++)
        {
            HttpStatusCode expected = random.NextDouble() < 0.5 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.NotFound;
            Assert.Equal(expected, (await Client.HeadAsync("k")).Status);
        }
    }

    [Fact]
    public async Task Resets_before_and_amid_the_body_store_nothing()
    {
        Server.Faults.Add(new FaultRule { Kind = FaultKind.ResetBeforeBody, Operation = "PutObject" });
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.PutAsync("k", Bytes(1000)));
        Server.Faults.Add(new FaultRule { Kind = FaultKind.ResetMidBody, Operation = "PutObject", AfterBytes = 300_000 });
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.PutAsync("k", Bytes(1_000_000)));
        Assert.Empty(Server.ListKeys(TestClient.Bucket));
        RequestLogEntry entry = await Server.Log.WaitForAsync(e => e.Faults.Contains(FaultKind.ResetMidBody)).WaitAsync(Patience);
        Assert.Equal((0, 300_000, false), (entry.Status, entry.BytesIn, entry.Replied));
        Assert.Equal(HttpStatusCode.OK, (await Client.PutAsync("k", [1])).Status);
    }

    [Fact]
    public async Task A_download_is_cut_after_so_many_bytes()
    {
        await Client.PutAsync("k", Bytes(1_000_000));
        Server.Faults.Add(new FaultRule { Kind = FaultKind.ResetMidBody, Operation = "GetObject", AfterBytes = 400_000 });
        await Assert.ThrowsAnyAsync<Exception>(() => Client.GetAsync("k"));
        RequestLogEntry entry = await Server.Log.WaitForAsync(e => e.Operation == "GetObject").WaitAsync(Patience);
        Assert.Equal((200, 400_000, false), (entry.Status, entry.BytesOut, entry.Replied));
        Assert.Equal(1_000_000, (await Client.GetAsync("k")).Body.Length);
    }

    [Fact]
    public async Task A_lost_reply_is_carried_out()
    {
        string id = await Client.InitiateAsync("k");
        string etag = (await Client.PutPartAsync("k", id, 1, [1, 2])).ETag!;
        Server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = "CompleteMultipartUpload" });
        await Assert.ThrowsAsync<HttpRequestException>(() => Client.CompleteAsync("k", id, [(1, etag)]));
        Assert.Equal("NoSuchUpload", (await Client.CompleteAsync("k", id, [(1, etag)])).Code);
        Assert.Equal([1, 2], (await Client.GetAsync("k")).Body);
        RequestLogEntry lost = Server.Log.Entries.First(e => e.Operation == "CompleteMultipartUpload");
        Assert.Equal((200, false, id), (lost.Status, lost.Replied, lost.UploadId));
    }

    [Fact]
    public async Task A_wrong_crc_is_only_said_and_a_corrupted_byte_is_kept()
    {
        byte[] body = Bytes(200_000);
        Server.Faults.Add(new FaultRule { Kind = FaultKind.WrongCrc, Operation = "PutObject" });
        Assert.NotEqual(Crc64.Append(0, body), (await Client.PutAsync("k", body)).Crc);
        Assert.Equal(Crc64.Append(0, body), (await Client.HeadAsync("k")).Crc);

        Server.Faults.Add(new FaultRule { Kind = FaultKind.CorruptByte, Operation = "PutObject", AfterBytes = 150_000, Times = 2 });
        Answer checkedPut = await Client.PutAsync("k", body, ("Content-MD5", Convert.ToBase64String(MD5.HashData(body))));
        Assert.Equal("InvalidDigest", checkedPut.Code);
        Answer unchecked_ = await Client.PutAsync("k", body);
        byte[] stored = (await Client.GetAsync("k")).Body;
        Assert.Equal(Crc64.Append(0, stored), unchecked_.Crc);
        Assert.Equal([150_000], Enumerable.Range(0, body.Length).Where(i => body[i] != stored[i]));

        Server.Faults.Add(new FaultRule { Kind = FaultKind.CorruptByte, Operation = "GetObject", AfterBytes = 0 });
        Assert.NotEqual(stored[0], (await Client.GetAsync("k")).Body[0]);
        Assert.Equal(stored, (await Client.GetAsync("k")).Body);
    }

    [Fact]
    public async Task An_upload_vanishes()
    {
        string id = await Client.InitiateAsync("k");
        await Client.PutPartAsync("k", id, 1, [1]);
        Server.Faults.Add(new FaultRule { Kind = FaultKind.VanishUpload, PartNumber = 2 });
        Assert.Equal(HttpStatusCode.OK, (await Client.PutPartAsync("k", id, 1, [1])).Status);
        Assert.Equal("NoSuchUpload", (await Client.PutPartAsync("k", id, 2, [1])).Code);
        Assert.Equal("NoSuchUpload", (await Client.PutPartAsync("k", id, 1, [1])).Code);
        Assert.Empty(Server.OpenUploads(TestClient.Bucket));
    }

    [Fact]
    public async Task A_hung_request_ends_with_the_client_or_with_the_server()
    {
        PlannedFault fault = Server.Faults.Add(new FaultRule { Kind = FaultKind.Hang, Operation = "PutObject", Times = 2 });
        using var patience = new CancellationTokenSource();
        Task<Answer> first = Client.SendAsync(HttpMethod.Put, TestClient.Target("k"), new ByteArrayContent(Bytes(1000)), patience.Token);
        await fault.WaitForHitsAsync(1).WaitAsync(Patience);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        RequestLogEntry entry = await Server.Log.WaitForAsync(e => e.Faults.Contains(FaultKind.Hang)).WaitAsync(Patience);
        Assert.Equal(0, entry.Status);
        Assert.Equal(0, Server.Gauges.ActiveRequests);

        Task<Answer> second = Client.PutAsync("k", [1]);
        await fault.WaitForHitsAsync(2).WaitAsync(Patience);
        await Server.StopAsync().WaitAsync(Patience);
        await Assert.ThrowsAsync<HttpRequestException>(() => second);
    }

    [Fact]
    public async Task Latency_and_bandwidth_take_their_time()
    {
        Server.Faults.Add(new FaultRule { Kind = FaultKind.Latency, LatencyMilliseconds = 150 });
        Assert.True(await TimeAsync(() => Client.PutAsync("k", [1])) >= 0.14);
        Server.Faults.Add(new FaultRule { Kind = FaultKind.Bandwidth, BytesPerSecond = 1_000_000, Operation = "PutObject" });
        Assert.True(await TimeAsync(() => Client.PutAsync("k", Bytes(300_000))) >= 0.28);
        Server.Faults.ServerBytesPerSecond = 2_000_000;
        Assert.True(await TimeAsync(() => Task.WhenAll(Client.GetAsync("k"), Client.GetAsync("k"))) >= 0.28);
        Server.Faults.Clear();
        Assert.Equal(0, Server.Faults.ServerBytesPerSecond);
        Assert.Empty(Server.Faults.Rules);

        static async Task<double> TimeAsync(Func<Task> action)
        {
            long start = Stopwatch.GetTimestamp();
            await action();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    private protected override DevStoreOptions Options => base.Options with { TimeProvider = TimeProvider.System };
}
