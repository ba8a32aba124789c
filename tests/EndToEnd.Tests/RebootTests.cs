using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The installed service under a real systemd: tests/reboot. Minutes; by SYNCAGENT_TEST_ALL=1, or by hand.</summary>
public class RebootTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    [Fact]
    public async Task The_installed_service_survives_reboots_cuts_and_restarts()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1", "boots a container several times: SYNCAGENT_TEST_ALL=1 runs it");
        Places.SkipUnlessMountable();
        var run = await Command.RunAsync(
            "/bin/bash", [Path.Combine(Places.Repository, "tests/reboot/run.sh")], new Dictionary<string, string>(), Places.Repository, Patience);
        TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
        Assert.EndsWith("\nok\n", run.Expect(0).Output, StringComparison.Ordinal);
    }
}
