using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The short forms of tests/Torture; docs/reliability.md has the long ones.</summary>
public class CrashPromiseTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_was_closed_is_in_the_bucket_after_kills_at_named_points_and_at_any_time()
    {
        var run = await TortureAsync("crash", "--seed", "1", "--seconds", Places.Full ? "600" : "45", "--rigs", "1", "--kills", "5");
        run.Expect(0);
        Assert.Contains("lost 0, torn 0: PASSED", run.Output, StringComparison.Ordinal);
    }

    /// <summary>The harness would notice: an agent that answers a close before it has committed it loses files.</summary>
    [Fact]
    public async Task An_agent_that_does_not_commit_a_close_is_found_out()
    {
        var run = await TortureAsync("crash", "--seed", "2", "--seconds", "240", "--rigs", "1", "--point", "journal.before-commit", "--omit", "commit");
        run.Expect(1);
        Assert.Contains("LOST", run.Output, StringComparison.Ordinal);
    }

    private async Task<CommandResult> TortureAsync(params string[] arguments)
    {
        const int CannotRun = 77;
        Assert.SkipUnless(Places.MayMount, "mounting in a test needs root and /dev/fuse");
        var work = Directory.CreateTempSubdirectory("syncagent-torture-").FullName;
        try
        {
            var run = await Command.RunAsync(
                Places.Torture, [.. arguments, "--work", work], new Dictionary<string, string> { ["SYNCAGENT_EXE"] = Places.Program }, atMost: TimeSpan.FromMinutes(Places.Full ? 20 : 6));
            output.WriteLine(run.Output);
            output.WriteLine(run.Errors);
            Assert.SkipWhen(run.ExitCode == CannotRun, run.Output);
            return run;
        }
        finally
        {
            // It leaves its folder only when it has found something.
            if (Directory.Exists(work)) Directory.Delete(work, recursive: true);
        }
    }
}
