using System.Threading.Channels;
using SyncAgent.TestKit;
using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Tests.Api;

/// <summary>The tray's side of the status API, against a server on a real port.</summary>
public sealed class AgentLinkTests : IAsyncDisposable
{
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("syncagent-tray-");
    private readonly Channel<AgentUpdate> _updates = Channel.CreateUnbounded<AgentUpdate>();
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualTimeProvider _time = new();
    private Task? _following;

    [Fact]
    public async Task Pictures_problems_and_ends_of_queues_arrive_in_order()
    {
        await using var agent = await FakeAgent.StartAsync(_state.FullName);
        Follow();
        agent.Tell("status", Snapshots.Json("syncing", uploading: 1));
        agent.Send(": alive\n\n");
        agent.Tell("problem", """{"path":"/home/me/drive/a","state":"Failed","reason":"refused"}""");
        agent.Tell("of tomorrow", "{}");
        agent.Tell("done", """{"files":3,"bytes":4096}""");

        Assert.Equal(AgentState.Syncing, Assert.IsType<StatusChanged>(await NextAsync()).Status.State);
        var problem = Assert.IsType<ProblemAppeared>(await NextAsync()).Problem;
        Assert.Equal(("/home/me/drive/a", "refused", null), (problem.Path, problem.Reason, problem.Remedy));
        Assert.True(problem.Is("failed"));
        Assert.Equal(new DoneInfo(3, 4096), Assert.IsType<QueueDrained>(await NextAsync()).Done);
    }

    [Fact]
    public async Task A_restarted_agent_is_found_at_its_new_port()
    {
        var first = await FakeAgent.StartAsync(_state.FullName);
        Follow();
        first.Tell("status", Snapshots.Json());
        Assert.IsType<StatusChanged>(await NextAsync());
        await first.DisposeAsync();
        Assert.Null(Assert.IsType<AgentAway>(await NextAsync()).Error);

        await using var second = await FakeAgent.StartAsync(_state.FullName);
        second.Tell("status", Snapshots.Json("paused"));
        await AdvanceWhenArmedAsync(AgentLink.ShortestPause);
        Assert.Equal(AgentState.Paused, Assert.IsType<StatusChanged>(await NextAsync()).Status.State);
    }

    [Fact]
    public async Task Without_an_agent_it_looks_less_and_less_often_up_to_a_bound()
    {
        Follow();
        var pause = AgentLink.ShortestPause;
        for (var i = 0; i < 8; i++)
        {
            Assert.Null(Assert.IsType<AgentAway>(await NextAsync()).Error);
            await AdvanceWhenArmedAsync(pause);
            pause = pause * 2 < AgentLink.LongestPause ? pause * 2 : AgentLink.LongestPause;
        }

        Assert.Equal(AgentLink.LongestPause, pause);
    }

    [Fact]
    public async Task Who_cannot_prove_that_he_is_the_agent_never_sees_the_token()
    {
        await using var stranger = await FakeAgent.StartAsync(_state.FullName, knowsToken: false);
        Assert.Null(await AgentConnection.TryOpenAsync(_state.FullName, TimeProvider.System, default));
        var request = Assert.Single(stranger.Requests);
        Assert.Equal(("GET /v1/hello", false), request);
    }

    [Fact]
    public async Task A_silent_agent_is_left_and_one_with_signs_of_life_is_not()
    {
        await using var agent = await FakeAgent.StartAsync(_state.FullName);
        Follow();
        agent.Tell("status", Snapshots.Json());
        Assert.IsType<StatusChanged>(await NextAsync());

        for (var i = 0; i < 3; i++)
        {
            await AdvanceWhenArmedAsync(EventStream.LongestSilence, almost: true);
            agent.Send(": alive\n");
        }

        agent.Tell("status", Snapshots.Json());
        Assert.IsType<StatusChanged>(await NextAsync());
        await AdvanceWhenArmedAsync(EventStream.LongestSilence);
        Assert.IsType<AgentAway>(await NextAsync());
    }

    [Fact]
    public async Task An_agent_that_is_too_old_or_too_new_is_named()
    {
        await using var agent = await FakeAgent.StartAsync(_state.FullName);
        agent.Missing.Add("/v1/events");
        Follow();
        Assert.Contains("older", Assert.IsType<AgentAway>(await NextAsync()).Error, StringComparison.Ordinal);

        agent.Missing.Clear();
        agent.Tell("status", Snapshots.Json());
        agent.Tell("status", """{"state":"dreaming"}""");
        await AdvanceWhenArmedAsync(AgentLink.ShortestPause);
        Assert.IsType<StatusChanged>(await NextAsync());
        Assert.Contains("another version", Assert.IsType<AgentAway>(await NextAsync()).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_go_where_the_contract_says_and_refusals_come_back_in_words()
    {
        await using var agent = await FakeAgent.StartAsync(_state.FullName);
        using var connection = await AgentConnection.TryOpenAsync(_state.FullName, TimeProvider.System, default);
        await connection!.SetPausedAsync(paused: true, mountPoint: null, default);
        await connection.SetPausedAsync(paused: true, "/home/me/a b", default);
        await connection.RetryAsync(default);
        Assert.Equal("http://127.0.0.1:1/open?t=t", await connection.CreatePageUrlAsync(default));
        var refused = await Assert.ThrowsAsync<AgentException>(() => connection.SetPausedAsync(paused: false, mountPoint: null, default));
        Assert.Equal("not now: the disk is full", refused.Message);
        Assert.Equal(
            ["GET /v1/hello", "POST /v1/pause", "POST /v1/pause?mount=/home/me/a b", "POST /v1/retry", "POST /v1/page-tokens", "POST /v1/resume"], agent.Lines);
    }

    [Fact]
    public async Task An_address_that_cannot_be_read_is_told()
    {
        await File.WriteAllTextAsync(Path.Combine(_state.FullName, "agent.json"), "{");
        Follow();
        Assert.Contains(_state.FullName, Assert.IsType<AgentAway>(await NextAsync()).Error, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_following is not null) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _following);
        _stop.Dispose();
        _state.Delete(recursive: true);
    }

    private void Follow() => _following = new AgentLink(_state.FullName, _time).RunAsync(update => _updates.Writer.TryWrite(update), _stop.Token);

    private async Task<AgentUpdate> NextAsync() => await _updates.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private async Task AdvanceWhenArmedAsync(TimeSpan by, bool almost = false)
    {
        await EndToEnd.Tests.Support.Poll.UntilAsync(() => _time.IsArmed(by), $"a timer of {by}");
        _time.Advance(almost ? by - TimeSpan.FromMilliseconds(1) : by);
    }
}
