using System.Text.Json;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Tests;

/// <summary>The picture of the agent, and the stream of its changes.</summary>
public sealed class StatusFeedTests : IAsyncLifetime
{
    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task The_picture_has_totals_speed_and_the_last_arrivals()
    {
        var sent = _rig.Agent.Drive.MakeFile("sent", [1, 2]);
        _rig.Agent.Confirm(sent);
        _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, _rig.Agent.Drive.Row.Id, 1_700_000_000_000, HistoryKind.Uploaded, "sent", 2, "etag", null)));
        var sending = _rig.Agent.Drive.MakeFile("sending", new byte[100]);
        _rig.Agent.Drive.MakeFile("waiting", [1, 2, 3]);
        var failed = _rig.Agent.Drive.MakeFile("failed", [1]);
        _rig.Agent.Drive.Change(writer => writer.Fail(failed, Problem.Failed, "refused"));
        _rig.Agent.MakeDurable();
        _rig.Agent.Live.Sending.Add(new ActiveFile(sending, "sending", 40, 100) { BytesPerSecond = 20, Started = DateTimeOffset.UnixEpoch });
        _rig.Agent.Live.Traffic.Sent.Add(1000);

        var status = await _rig.GetAsync("v1/status");

        Assert.Equal(1, status.GetProperty("apiVersion").GetInt32());
        Assert.Equal(SyncStates.Attention, status.GetProperty("state").GetString());
        var totals = status.GetProperty("totals");
        Assert.Equal((1, 1, 1, 103, 40), (Number(totals, "queued"), Number(totals, "uploading"), Number(totals, "problems"), Number(totals, "pendingBytes"), Number(totals, "sentBytes")));
        Assert.True(Number(status.GetProperty("speed"), "upload") > 0);
        Assert.True(Number(status.GetProperty("storage"), "diskTotal") > 0);
        var drive = status.GetProperty("drives")[0];
        var active = drive.GetProperty("active")[0];
        Assert.Equal(("/mnt/x/sending", 20, 3), (active.GetProperty("path").GetString(), Number(active, "bytesPerSecond"), Number(active, "etaSeconds")));
        var recent = Assert.Single(drive.GetProperty("recent").EnumerateArray());
        Assert.Equal(("/mnt/x/sent", 2), (recent.GetProperty("path").GetString(), Number(recent, "size")));
    }

    [Fact]
    public async Task A_word_says_how_it_is()
    {
        Assert.Equal(SyncStates.Idle, await StateAsync());
        var file = _rig.Agent.Drive.MakeFile("a", [1]);
        Assert.Equal(SyncStates.Syncing, await StateAsync());
        _rig.Agent.Live.Health = new StoreHealth("offline", null, "no network");
        Assert.Equal(SyncStates.Offline, await StateAsync());
        _rig.Agent.Live.Health = new StoreHealth("paused", null, null);
        _rig.Agent.Live.SetPaused(true);
        Assert.Equal(SyncStates.Paused, await StateAsync());
        _rig.Agent.Drive.Change(writer => writer.Fail(file, Problem.Conflict, "both are kept"));
        Assert.Equal(SyncStates.Attention, await StateAsync());
    }

    [Fact]
    public async Task Who_watches_is_told_at_once_and_of_each_change()
    {
        await using var events = await WatchAsync();
        Assert.Equal(0, Number((await events.NextAsync("status")).GetProperty("totals"), "pendingBytes"));
        _rig.Agent.Drive.MakeFile("a", [1, 2, 3]);
        var next = await events.NextAsync("status");
        while (Number(next.GetProperty("totals"), "pendingBytes") != 3) next = await events.NextAsync("status");
    }

    [Fact]
    public async Task A_file_that_newly_needs_the_user_is_news()
    {
        var old = _rig.Agent.Drive.MakeFile("old", [1]);
        var file = _rig.Agent.Drive.MakeFile("new", [1]);
        _rig.Agent.Drive.Change(writer => writer.Fail(old, Problem.Failed, "known"));
        await using var events = await WatchAsync();
        await events.NextAsync("status");
        _rig.Agent.Live.SetPaused(true); // a picture after the first: the loop has taken one
        await events.NextAsync("status");
        _rig.Agent.Drive.Change(writer => writer.Fail(file, Problem.Failed, "refused"));

        var problem = await events.NextAsync("problem");

        Assert.Equal(("/mnt/x/new", "refused"), (problem.GetProperty("path").GetString(), problem.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task The_end_of_a_long_queue_is_news()
    {
        var files = Enumerable.Range(0, 6).Select(number => _rig.Agent.Drive.MakeFile($"{number}", [1, 2])).ToList();
        await using var events = await WatchAsync();
        await events.NextAsync("status");
        _rig.Agent.Live.Health = new StoreHealth("unknown", null, null); // see above
        await events.NextAsync("status");
        foreach (var file in files)
        {
            _rig.Agent.Confirm(file);
            _rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, _rig.Agent.Drive.Row.Id, 1, HistoryKind.Uploaded, $"{file}", 2, null, null)));
        }

        var done = await events.NextAsync("done");

        Assert.Equal((6, 12), (Number(done, "files"), Number(done, "bytes")));
    }

    [Fact]
    public async Task The_stream_ends_with_the_agent()
    {
        await using var events = await WatchAsync();
        await events.NextAsync("status");
        _rig.Agent.Host.RequestStop();
        Assert.Null(await events.ReadToEndAsync());
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private async Task<string?> StateAsync()
    {
        var status = await _rig.GetAsync("v1/status");
        Assert.Equal(status.GetProperty("state").GetString(), status.GetProperty("drives")[0].GetProperty("state").GetString());
        return status.GetProperty("state").GetString();
    }

    private async Task<EventReader> WatchAsync() => new(await _rig.Http.GetStreamAsync("v1/events", Stop));

    private sealed class EventReader(Stream stream) : IAsyncDisposable
    {
        private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

        private readonly StreamReader _reader = new(stream);

        public async Task<JsonElement> NextAsync(string name)
        {
            while (true)
            {
                var line = await ReadLineAsync() ?? throw new EndOfStreamException();
                if (!line.StartsWith("event: ", StringComparison.Ordinal)) continue;
                var data = await ReadLineAsync();
                if (line["event: ".Length..] == name) return JsonDocument.Parse(data!["data: ".Length..]).RootElement;
            }
        }

        public async Task<string?> ReadToEndAsync()
        {
            while (await ReadLineAsync() is not null)
            {
                // whatever was under way
            }

            return null;
        }

        public ValueTask DisposeAsync()
        {
            _reader.Dispose();
            return ValueTask.CompletedTask;
        }

        private Task<string?> ReadLineAsync() => _reader.ReadLineAsync(Stop).AsTask().WaitAsync(Bound, Stop);
    }
}
