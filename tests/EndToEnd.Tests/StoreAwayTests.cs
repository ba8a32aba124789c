using System.Diagnostics;
using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The store is away while a program works on (P10): no call fails or takes long, and everything has arrived soon after its return.</summary>
public class StoreAwayTests(ITestOutputHelper output)
{
    private const double LongestCall = 1;

    private static readonly TimeSpan Arrival = TimeSpan.FromSeconds(30);

    /// <summary>How a store can be away.</summary>
    public enum Way
    {
        /// <summary>Its process has ended.</summary>
        Refused,

        /// <summary>Everything is taken and nothing answered; connections of that time never come alive again.</summary>
        Swallowed,

        /// <summary>Its process stands still; it answers what has come meanwhile.</summary>
        Frozen,

        /// <summary>503 to everything.</summary>
        Failing,
    }

    [Theory]
    [InlineData(Way.Refused)]
    [InlineData(Way.Swallowed)]
    [InlineData(Way.Frozen)]
    [InlineData(Way.Failing)]
    public async Task A_store_that_is_away_disturbs_nobody_and_has_everything_soon_after_its_return(Way way)
    {
        Assert.SkipUnless(Places.Full || way is Way.Frozen, "with SYNCAGENT_TEST_ALL=1 only");
        var seconds = Places.Full ? 60 : 10;
        await using var rig = await Rig.StartAsync();
        await using var proxy = new SilentProxy(rig.Store.Endpoint);
        await rig.MountAsync(rig.MountLineTo(proxy.Endpoint));
        await rig.ListAsync();
        rig.MakeFile("source/large", 24 << 20, seed: 1);
        await rig.Store.LimitAsync(8 << 20);
        await rig.ShAsync("""cp source/large "$DRIVE"/""");
        await rig.Store.PartsArrivedAsync(3 << 20);

        await LeaveAsync(rig, proxy, way);
        var said = JsonNode.Parse(await WorkAsync(rig, seconds))!;
        var state = (string)(await rig.DriveStatusAsync())["health"]!["state"]!;
        await ReturnAsync(rig, proxy, way);
        var returned = Stopwatch.GetTimestamp();
        (await rig.AgentAsync("wait", "--state", rig.State, "--timeout", $"{Arrival.TotalSeconds}")).Expect(0);
        output.WriteLine($"{way}, {seconds} s away, {said["files"]} files: slowest {said["slowest"]}; state {state}; all there {Stopwatch.GetElapsedTime(returned).TotalSeconds:0.0} s after the return; {rig.AgentLog().Count} log lines");

        Assert.Equal("[]", said["errors"]!.ToJsonString());
        Assert.InRange((int)said["files"]!, seconds / 2, seconds + 1);
        foreach (var (call, longest) in said["slowest"]!.AsObject()) Assert.True((double)longest! < LongestCall, $"{call} took {longest} s");
        if (Places.Full) Assert.Equal("offline", state);
        (await rig.CompareAsync(rig.Drive)).ExpectClean();
        Assert.InRange(rig.AgentLog().Count, 0, 20);
    }

    private static async Task LeaveAsync(Rig rig, SilentProxy proxy, Way way)
    {
        switch (way)
        {
            case Way.Refused: await rig.Store.KillAsync(); break;
            case Way.Swallowed: proxy.FallSilent(); break;
            case Way.Frozen: await rig.Store.SignalAsync("STOP"); break;
            case Way.Failing: await rig.Store.AddFaultAsync(new { Kind = "Error", Times = (int?)null }); break;
        }
    }

    private static async Task ReturnAsync(Rig rig, SilentProxy proxy, Way way)
    {
        if (way is Way.Refused) await rig.Store.StartAsync();
        if (way is Way.Frozen) await rig.Store.SignalAsync("CONT");
        proxy.Speak();
        await rig.Store.ClearFaultsAsync();
    }

    /// <summary>A file each second, written, closed, renamed, looked at and read back; returns what went wrong and how long each call took at most.</summary>
    private static async Task<string> WorkAsync(Rig rig, int seconds) => (await Command.RunAsync(
        "python3",
        ["-c", $$"""
            import json, os, time
            errors, slowest = [], {}
            def timed(name, call):
                begun = time.monotonic()
                try: return call()
                except OSError as e: errors.append(f'{name}: {e}')
                finally: slowest[name] = max(slowest.get(name, 0), round(time.monotonic() - begun, 3))
            first = time.monotonic()
            for i in range({{seconds}}):
                bytes = os.urandom(50_000)
                fd = timed('open', lambda: os.open(f'.{i}.tmp', os.O_CREAT | os.O_WRONLY))
                timed('write', lambda: os.write(fd, bytes))
                if i % 5 == 0: timed('fsync', lambda: os.fsync(fd))
                timed('close', lambda: os.close(fd))
                timed('rename', lambda: os.rename(f'.{i}.tmp', f'file{i}'))
                timed('stat', lambda: os.stat(f'file{i}'))
                timed('ls', lambda: os.listdir('.'))
                if timed('read', lambda: open(f'file{i // 2}', 'rb').read()) is None or i == 0 and open('file0', 'rb').read() != bytes: errors.append('other bytes')
                time.sleep(max(0, first + i + 1 - time.monotonic()))
            print(json.dumps({'files': i + 1, 'errors': errors, 'slowest': slowest}))
            """],
        rig.Environment, rig.Drive)).Expect(0).Output;
}
