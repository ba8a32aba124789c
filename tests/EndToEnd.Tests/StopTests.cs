using System.Diagnostics;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>SIGTERM, and a store that is away (P10).</summary>
public class StopTests
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Sigterm_during_an_upload_unmounts_at_once_and_says_what_is_pending()
    {
        await using var rig = await Rig.StartAsync();
        rig.MakeFile("source/large.bin", 20 << 20, seed: 40);
        rig.MakeFile("source/small.bin", 1000, seed: 41);
        await rig.Store.LimitAsync(2 << 20);
        using var agent = await StartForegroundAsync(rig);
        await rig.ShAsync("""cp source/large.bin "$DRIVE"/""");
        await rig.Store.PartsArrivedAsync(1 << 20);
        await rig.ShAsync("""cp source/small.bin "$DRIVE"/""");

        // What is left would take half a minute.
        await rig.Store.LimitAsync(1 << 19);
        var ended = await TerminateAsync(rig, agent);
        Assert.Matches(@"drive is unmounted: [12] files? or folders? to send \(20", ended.Output);

        await rig.Store.ClearFaultsAsync();
        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task A_store_that_is_away_stops_neither_writes_nor_reads_nor_the_end_of_the_agent()
    {
        await using var rig = await Rig.StartAsync();
        using var agent = await StartForegroundAsync(rig);
        await rig.ShAsync("""mkdir source; echo before > source/before; cp source/before "$DRIVE"/""");
        (await rig.WaitAsync()).Expect(0);
        await rig.Store.KillAsync();

        rig.MakeFile("source/during.bin", 18 << 20, seed: 42);
        await rig.ShAsync("""
            mkdir source/d; echo small > source/d/small; echo again > source/before
            cp -r source/. "$DRIVE"/; mv "$DRIVE"/d "$DRIVE"/e; mv source/d source/e
            diff -r source "$DRIVE"
            """);
        (await rig.AgentAsync("wait", "--state", rig.State, "--timeout", "0.5")).Expect(2);
        var ended = await TerminateAsync(rig, agent);
        Assert.Contains("drive is unmounted: ", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("nothing pending", ended.Output, StringComparison.Ordinal);

        await rig.MountAsync();
        await rig.ShAsync("""diff -r source "$DRIVE"; echo late > source/late; cp source/late "$DRIVE"/""");
        await rig.Store.StartAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    private static async Task<Process> StartForegroundAsync(Rig rig)
    {
        var agent = Command.Start(Places.Program, rig.MountLine("--foreground"), rig.Environment);
        var line = await agent.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience);
        Assert.Equal($"{rig.Drive} is mounted", line);
        await rig.ListAsync();
        return agent;
    }

    private static async Task<CommandResult> TerminateAsync(Rig rig, Process agent)
    {
        var begun = Stopwatch.GetTimestamp();
        (await Command.RunAsync("kill", ["-TERM", $"{agent.Id}"], rig.Environment)).Expect(0);
        var ended = (await Command.EndOfAsync(agent, begun)).Expect(0);
        Assert.True(ended.Elapsed < AtOnce, $"the agent took {ended.Elapsed} to end\n{ended.Output}\n{ended.Errors}");
        Assert.False(rig.IsMounted());
        return ended;
    }
}
