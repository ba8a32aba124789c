using System.Net;
using System.Text.Json;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Repair;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>Verify as an action of the API, and the command that asks a live agent for it.</summary>
public sealed class VerifyApiTests : IAsyncLifetime
{
    private readonly Support.Cli _cli = new();
    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string State => _rig.Agent.Drive.Folder;

    private FakeObjectStore Bucket => _rig.Agent.Live.Bucket;

    public async ValueTask InitializeAsync()
    {
        _rig = await StatusRig.StartAsync();
        _cli.Environment.Clear(); // the keys are the agent's
        _cli.Environment["XDG_RUNTIME_DIR"] = _cli.Environment["HOME"] = State;
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_run_tells_how_far_it_is_what_it_found_and_what_helps()
    {
        Confirm("fine", "gone", "rotten", "theirs");
        Bucket.DeleteForeign("gone");
        Bucket.PutForeign("theirs", [9, 9]);
        Bucket.Rot("rotten", [1, 1]);
        var reached = Hold("theirs", out var release);

        await StartAsync("/mnt/x", "deep=true");
        await reached;
        var status = await UntilAsync(run => Number(run, "progress", "counts", "same") == 1 && run.GetProperty("differences").GetInt64() == 2);
        Assert.Equal(("Running", true, "/mnt/x"), (status.GetProperty("state").GetString(), status.GetProperty("deep").GetBoolean(), status.GetProperty("path").GetString()));
        Assert.Equal((4, 8, 4), (Number(status, "progress", "total"), Number(status, "progress", "totalBytes"), Number(status, "progress", "bytesRead")));
        var known = (await ReadAsync()).GetProperty("findings").EnumerateArray().Select(found => found.GetProperty("path").GetString());
        Assert.Equal(["/mnt/x/gone", "/mnt/x/rotten"], known);

        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("status", "--state", State));
        Assert.Contains("  verify: 3 of 4 objects compared, 2 not as confirmed\n", _cli.Out, StringComparison.Ordinal);

        release.SetResult();
        status = await UntilAsync(IsOver);
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("status", "--state", State));
        Assert.Contains("  verify: 3 not as confirmed: see", _cli.Out, StringComparison.Ordinal);
        Assert.Equal("Done", status.GetProperty("state").GetString());
        Assert.True(status.GetProperty("ended").GetDateTimeOffset() >= status.GetProperty("started").GetDateTimeOffset());
        var last = Assert.Single((await ReadAsync("&after=2")).GetProperty("findings").EnumerateArray());
        Assert.Equal(("theirs", "Changed"), (last.GetProperty("key").GetString(), last.GetProperty("finding").GetString()));
        Assert.Contains("refresh", last.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Contains("now 2 bytes", last.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drive_has_one_run_at_a_time_which_can_be_ended()
    {
        Confirm("a", "b");
        var reached = Hold("b", out _);
        await StartAsync("/mnt/x", "deep=true");
        await reached;

        using (var second = await _rig.Http.PostAsync("v1/verify?path=/mnt/x/a", null, Stop))
        {
            Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
            Assert.Contains("being verified already", await second.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        using (var ended = await _rig.Http.DeleteAsync("v1/verify?mount=/mnt/x", Stop)) Assert.Equal(HttpStatusCode.OK, ended.StatusCode);
        Assert.Equal("Cancelled", (await StatusAsync())?.GetProperty("state").GetString());
        using (var nothing = await _rig.Http.DeleteAsync("v1/verify?mount=/mnt/x", Stop)) Assert.Equal(HttpStatusCode.Conflict, nothing.StatusCode);

        Bucket.Before = null;
        await StartAsync("/mnt/x/b", "deep=true");
        var status = await UntilAsync(IsOver);
        Assert.Equal(("Done", "/mnt/x/b", 1), (status.GetProperty("state").GetString(), status.GetProperty("path").GetString(), Number(status, "progress", "total")));
    }

    [Fact]
    public async Task A_drive_that_ends_ends_its_run_before_its_way_to_the_bucket()
    {
        Confirm("a");
        var reached = Hold("a", out _);
        await StartAsync("/mnt/x", "deep=true");
        await reached;
        var run = _rig.Agent.Live.Verification.Run!;
        await _rig.Agent.Host.UnmountAsync("/mnt/x", null, Stop);
        Assert.Equal(Status.VerifyState.Cancelled, run.Status.State);
        Assert.Throws<CommandException>(() => _rig.Agent.Live.Verification.Start("", deep: false));
    }

    [Fact]
    public async Task Findings_are_given_page_by_page()
    {
        Confirm("a", "b", "c");
        foreach (var key in (string[])["a", "b", "c"]) Bucket.DeleteForeign(key);
        await StartAsync("/mnt/x");
        await UntilAsync(IsOver);
        var page = await ReadAsync("&limit=2");
        Assert.Equal((2, 2), (page.GetProperty("findings").GetArrayLength(), page.GetProperty("next").GetInt32()));
        page = await ReadAsync("&limit=2&after=2");
        Assert.Equal("c", Assert.Single(page.GetProperty("findings").EnumerateArray()).GetProperty("key").GetString());
        Assert.False(page.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task Of_very_many_findings_the_first_are_kept_and_all_are_counted()
    {
        const int Count = DriveVerification.MaxFindings + 5;
        Confirmed.ReceiptsOnly(_rig.Agent.Drive, Enumerable.Range(0, Count).Select(i => ($"k{i:00000}", "etag")));
        await StartAsync("/mnt/x");
        await UntilAsync(IsOver);
        Assert.Equal(Count, (await StatusAsync())?.GetProperty("differences").GetInt32());
        var page = await ReadAsync($"&after={DriveVerification.MaxFindings - 1}");
        Assert.Equal($"k{DriveVerification.MaxFindings - 1:00000}", Assert.Single(page.GetProperty("findings").EnumerateArray()).GetProperty("key").GetString());
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("verify", "--state", State));
        Assert.Contains("5 more are not named", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("?path=/elsewhere", HttpStatusCode.Conflict)]
    [InlineData("?path=/mnt/x&deep=yes", HttpStatusCode.BadRequest)]
    public async Task What_cannot_be_verified_is_refused(string query, HttpStatusCode refused)
    {
        using var answer = await _rig.Http.PostAsync($"v1/verify{query}", null, Stop);
        Assert.Equal(refused, answer.StatusCode);
        Assert.Null(await StatusAsync());
    }

    [Fact]
    public async Task The_command_lets_a_live_agent_do_it_with_the_keys_of_the_drive()
    {
        Confirm("fine", "folder-gone");
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("verify", "--state", State));
        Assert.Equal("/mnt/x: 2 objects: 2 as confirmed\n", _cli.Out);

        Bucket.DeleteForeign("folder-gone");
        Assert.Equal(ExitCodes.NeedsUser, await _cli.RunAsync("verify", "--deep", "--json", "--state", State));
        var lines = _cli.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(("/mnt/x/folder-gone", "Missing"), (lines[0].GetProperty("path").GetString(), lines[0].GetProperty("finding").GetString()));
        Assert.Equal((2, 2), (lines[1].GetProperty("objects").GetInt32(), lines[1].GetProperty("bytes").GetInt32()));
        Assert.Contains("ask who has access", _cli.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Ok, await _cli.RunAsync("verify", "/mnt/x/fine", "--state", State));
        Assert.Equal("/mnt/x/fine: 1 object: 1 as confirmed\n", _cli.Out);

        Bucket.Before = (_, _) => throw new StoreException(StoreErrorKind.Network, "no route to it");
        Assert.Equal(ExitCodes.TimedOut, await _cli.RunAsync("verify", "--state", State));
        Assert.Contains("/mnt/x cannot be verified: no route to it", _cli.Error, StringComparison.Ordinal);
        Assert.Equal("Failed", (await StatusAsync())?.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Who_gives_the_command_up_ends_the_run_and_another_way_to_the_bucket_is_not_the_agents()
    {
        Confirm("a");
        var reached = Hold("a", out _);
        using var stop = new CancellationTokenSource();
        var command = CommandLine.RunAsync(["verify", "--deep", "--state", State], _cli.Context with { Stop = stop.Token });
        await reached;
        await stop.CancelAsync();
        Assert.NotEqual(ExitCodes.Ok, await command);
        Assert.Equal("Cancelled", (await StatusAsync())?.GetProperty("state").GetString());

        Assert.Equal(ExitCodes.Configuration, await _cli.RunAsync("verify", "--credentials", "env", "--state", State));
        Assert.Contains("OSS_ACCESS_KEY_ID", _cli.Error, StringComparison.Ordinal);
    }

    private void Confirm(params string[] keys)
    {
        foreach (var key in keys) Confirmed.Put(_rig.Agent.Drive, Bucket, key, [1, 2]);
    }

    /// <summary>The bucket does not answer for a key before it is let go. Ends when it was asked.</summary>
    private Task Hold(string key, out TaskCompletionSource release)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var gate = release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Bucket.Before = async (call, cancelled) =>
        {
            if (call.Key != key) return;
            reached.TrySetResult();
            await gate.Task.WaitAsync(cancelled);
        };
        return reached.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    private async Task StartAsync(string path, string more = "")
    {
        using var answer = await _rig.Http.PostAsync($"v1/verify?path={path}&{more}", null, Stop);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<JsonElement> ReadAsync(string more = "") => Assert.Single((await _rig.GetAsync($"v1/verify?mount=/mnt/x{more}")).GetProperty("runs").EnumerateArray());

    private async Task<JsonElement?> StatusAsync() =>
        (await _rig.GetAsync("v1/status")).GetProperty("drives")[0].TryGetProperty("verify", out var run) ? run : null;

    /// <summary>Watches the event stream's own source until a run is as wanted.</summary>
    private async Task<JsonElement> UntilAsync(Func<JsonElement, bool> wanted)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        late.CancelAfter(TimeSpan.FromSeconds(30));
        using var stream = new StreamReader(await _rig.Http.GetStreamAsync("v1/events", late.Token));
        while (await stream.ReadLineAsync(late.Token) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            var data = JsonDocument.Parse(line[6..]).RootElement;
            if (data.TryGetProperty("drives", out var drives) && drives[0].TryGetProperty("verify", out var run) && wanted(run)) return run;
        }

        throw new InvalidOperationException("The stream has ended.");
    }

    private static bool IsOver(JsonElement run) => run.GetProperty("state").GetString() != "Running";

    private static long Number(JsonElement at, params string[] names)
    {
        foreach (var name in names)
        {
            if (!at.TryGetProperty(name, out at)) return 0;
        }

        return at.GetInt64();
    }
}
