using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Tests;

/// <summary>How a mass deletion that waits for the user shows, and its options.</summary>
public sealed class DeletesTests : IAsyncLifetime
{
    private TestAgent _agent = null!;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    [Fact]
    public void A_held_mass_deletion_needs_the_user_and_an_ordinary_one_keeps_busy()
    {
        Remove("d/a", "d/b", "e");
        var wait = new WaitEvaluator(_agent.Host);
        Assert.Equal((WaitOutcome.Busy, 3), (wait.Evaluate(null).Outcome, wait.Evaluate(null).Count));
        Assert.Equal(0, Drive().DeletesHeld);

        Hold();
        var answer = wait.Evaluate(null);
        Assert.Equal(WaitOutcome.NeedsUser, answer.Outcome);
        Assert.Contains("3 removed objects", Assert.Single(answer.Files).Reason, StringComparison.Ordinal);
        Assert.Contains("2 removed objects", Assert.Single(wait.Evaluate("/mnt/x/d").Files).Reason, StringComparison.Ordinal);
        Assert.Equal((3, 3), (Drive().DeletesHeld, Drive().DeletesPending));
        Assert.Contains("3 deletes wait for you", SyncAgent.Agent.Cli.StatusText.Of(new StatusBuilder(_agent.Host).Build()), StringComparison.Ordinal);

        _agent.Drive.Change(writer => writer.ConfirmDoomed(_agent.Drive.Row.Id));
        Assert.Equal((WaitOutcome.Busy, 3), (wait.Evaluate(null).Outcome, wait.Evaluate(null).Count));
    }

    [Fact]
    public async Task It_still_needs_the_user_when_the_drive_is_not_mounted()
    {
        Remove("a");
        Hold();
        await _agent.Host.UnmountAsync("/mnt/x", null, TestContext.Current.CancellationToken);
        Assert.Equal(WaitOutcome.NeedsUser, new WaitEvaluator(_agent.Host).Evaluate(null).Outcome);
        Assert.Equal(1, Drive().DeletesHeld);
    }

    [Theory]
    [InlineData("""{ "massDeleteLimit": 0, "trash": ".syncagent/trash/" }""", 0, ".syncagent/trash/", 0)]
    [InlineData("""{ "trash": "" }""", null, "", 0)]
    [InlineData("""{ "massDeleteLimit": -1 }""", null, null, 1)]
    [InlineData("""{ "trash": "/trash/" }""", null, null, 1)]
    [InlineData("""{ "trash": "trash" }""", null, null, 1)]
    [InlineData("""{ "trash": "../trash/" }""", null, null, 1)]
    [InlineData("""{ "trash": "a//b/" }""", null, null, 1)]
    public void The_options_of_deletions_are_checked(string section, int? limit, string? trash, int mistakes)
    {
        var found = new List<string>();
        var config = ConfigFile.Parse($$"""{ "transfer": {{section}} }""", "/", found);
        Assert.Equal((limit, trash), (config.Engine.MassDeleteLimit, config.Engine.Trash));
        Assert.Equal(mistakes, found.Count);
        var options = config.Engine.ToTransferOptions();
        Assert.Equal((limit ?? 25_000, trash ?? ""), (options.MassDeleteLimit, options.Trash));
        Assert.Empty(options.Validate());
    }

    private DriveStatus Drive() => Assert.Single(new StatusBuilder(_agent.Host).Build().Drives);

    private void Remove(params string[] keys) => _agent.Drive.Change(writer =>
    {
        foreach (var key in keys)
            writer.Doom(_agent.Drive.Row.Id, new RemoteState(key, "etag", null, null, 1, 0, null, 0, Proof.Listed), 0);
    });

    private void Hold()
    {
        _agent.Drive.Journal.SetValue($"deletes-held:{_agent.Drive.Row.Id}", "1");
        Assert.True(MassDelete.IsHeld(_agent.Drive.Journal, _agent.Drive.Row.Id));
    }
}
