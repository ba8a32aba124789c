using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace SyncAgent.DevStore.Tests;

/// <summary>Log, gauges, and the HTTP API over them.</summary>
public class ControlTests : ServerTest
{
    [Fact]
    public async Task The_log_knows_every_request_when_its_answer_is_there()
    {
        await Client.PutAsync("a", Bytes(500));
        string id = await Client.InitiateAsync("b");
        await Client.PutPartAsync("b", id, 4, Bytes(70));
        Answer got = await Client.GetAsync("a");
        await Client.HeadAsync("absent");
        Assert.Equal(["PutObject", "InitiateMultipartUpload", "UploadPart", "GetObject", "HeadObject"], Server.Log.Entries.Select(e => e.Operation));
        Assert.Equal([1, 2, 3, 4, 5], Server.Log.Entries.Select(e => e.Sequence));
        RequestLogEntry part = Server.Log.Entries[2];
        Assert.Equal((id, 4, 70L, "b"), (part.UploadId, part.PartNumber, part.BytesIn, part.Key));
        Assert.Equal(id, Server.Log.Entries[1].UploadId);
        Assert.Equal((500L, got.Headers["x-oss-request-id"]), (Server.Log.Entries[3].BytesOut, Server.Log.Entries[3].RequestId));
        Assert.Equal((404, "NoSuchKey"), (Server.Log.Entries[4].Status, Server.Log.Entries[4].Code));
        Assert.Equal(new RequestTotals(2, 0, 500, 500), Server.Log.TotalsOfKey(TestClient.Bucket, "a"));
        Assert.Equal(new RequestTotals(1, 1, 0, 0), Server.Log.TotalsOf("HeadObject"));
        DevStoreGauges gauges = Server.Gauges;
        Assert.Equal((1, 500, 1, 0), (gauges.Objects, gauges.ObjectBytes, gauges.OpenUploads, gauges.ActiveRequests));
    }

    [Fact]
    public async Task Entries_are_bounded_and_totals_exact()
    {
        for (int i = 0; i < 10; i++) await Client.PutAsync($"k{i}", [1]);
        Assert.Equal(8, Server.Log.Entries.Count);
        Assert.Equal("k9", Server.Log.Entries[^1].Key);
        Assert.Equal(new RequestTotals(10, 0, 10, 0), Server.Log.TotalsOf("PutObject"));
        Server.Log.Clear();
        Assert.Empty(Server.Log.Entries);
        Assert.Equal(0, Server.Log.TotalsOf("PutObject").Count);
    }

    [Fact]
    public async Task Parallel_requests_show_in_the_peak()
    {
        PlannedFault hang = Server.Faults.Add(new FaultRule { Kind = FaultKind.Hang, Times = 3 });
        using var patience = new CancellationTokenSource();
        Task[] hung = [.. Enumerable.Range(0, 3).Select(i => Client.SendAsync(HttpMethod.Get, TestClient.Target($"k{i}"), null, patience.Token))];
        await hang.WaitForHitsAsync(3);
        Assert.Equal((3, 3, 3), (Server.Gauges.ActiveRequests, Server.Gauges.PeakActiveRequests, Server.Gauges.PeakByOperation["GetObject"]));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(hung));
    }

    [Fact]
    public async Task Another_process_plans_faults_over_http()
    {
        using var http = new HttpClient { BaseAddress = Server.Endpoint };
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("/-/devstore/gauges")).StatusCode);
        http.DefaultRequestHeaders.Add("x-devstore-token", "contrary");
        Assert.Equal(HttpStatusCode.Forbidden, (await http.PutAsync("/-/devstore/faults", JsonContent.Create(new { }))).StatusCode);
        http.DefaultRequestHeaders.Remove("x-devstore-token");
        http.DefaultRequestHeaders.Add("x-devstore-token", "control");

        object plan = new { serverBytesPerSecond = 5_000_000, rules = new[] { new { kind = "Error", operation = "HeadObject", status = 429, code = "TooMany" } } };
        Assert.Equal(HttpStatusCode.OK, (await http.PutAsync("/-/devstore/faults", JsonContent.Create(plan))).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Client.HeadAsync("k")).Status);
        JsonElement faults = await http.GetFromJsonAsync<JsonElement>("/-/devstore/faults");
        Assert.Equal(1, faults.GetProperty("hits")[0].GetInt32());
        Assert.Equal(5_000_000, faults.GetProperty("serverBytesPerSecond").GetInt64());
        Assert.Equal(HttpStatusCode.OK, (await http.PostAsync("/-/devstore/faults", JsonContent.Create(plan))).StatusCode);
        Assert.Equal(2, Server.Faults.Rules.Count);

        JsonElement log = await http.GetFromJsonAsync<JsonElement>("/-/devstore/log");
        Assert.Equal(("HeadObject", 429, "Error"), (
            log[0].GetProperty("operation").GetString(), log[0].GetProperty("status").GetInt32(), log[0].GetProperty("faults")[0].GetString()));
        JsonElement gauges = await http.GetFromJsonAsync<JsonElement>("/-/devstore/gauges");
        Assert.Equal(1, gauges.GetProperty("totals").GetProperty("HeadObject").GetProperty("count").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await http.DeleteAsync("/-/devstore/faults")).StatusCode);
        Assert.Empty(Server.Faults.Rules);
        Assert.Equal(HttpStatusCode.OK, (await http.DeleteAsync("/-/devstore/log")).StatusCode);
        Assert.Empty(Server.Log.Entries);
        HttpResponseMessage misspelt = await http.PutAsync("/-/devstore/faults", JsonContent.Create(new { rules = new[] { new { kind = "Error", operatoin = "x" } } }));
        Assert.Equal(HttpStatusCode.BadRequest, misspelt.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/-/devstore/other")).StatusCode);
    }

    private protected override DevStoreOptions Options => base.Options with { LogCapacity = 8 };
}
