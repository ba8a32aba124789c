using System.Diagnostics;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>The end of a drive while programs have files open in it: it waits with a bound, drops nothing, and says what remains.</summary>
public class ServiceStopTests
{
    private const string WriteAndHold = "f = open('held', 'wb'); f.write(b'first'); f.flush(); os.fsync(f.fileno())";

    [Fact]
    public async Task An_unmount_waits_for_a_program_that_writes_and_its_content_arrives()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""echo before > "$DRIVE"/other""");
        await using var writer = await rig.HoldAsync(WriteAndHold + "; import atexit; atexit.register(lambda: (f.write(b' and last'), f.close()))");

        var unmounting = rig.AgentAsync("unmount", rig.Drive);
        await NobodyMayBeginToWriteAsync(rig);
        Assert.Equal("before", await rig.ShAsync("""cat "$DRIVE"/other"""));
        Assert.False(unmounting.IsCompleted);
        await writer.FinishAsync();

        var ended = (await unmounting).Expect(0);
        Assert.DoesNotContain("interrupted", ended.Output + ended.Errors, StringComparison.Ordinal);
        Assert.False(rig.IsMounted());
        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal("first and last", await rig.ShAsync("""cat "$DRIVE"/held"""));
    }

    [Fact]
    public async Task What_is_still_being_written_when_the_time_is_up_is_kept_as_interrupted_and_named()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""mkdir "$DRIVE"/d""");
        await using var writer = await rig.HoldAsync("f = open('d/held', 'wb'); f.write(b'half'); f.flush()");
        await using var closer = await rig.HoldAsync("g = open('closed', 'wb'); g.write(b'whole'); g.close()");

        var ended = (await rig.AgentAsync("unmount", rig.Drive, "--timeout", "0.2")).Expect(0);
        Assert.Contains($"1 file was still being written and is kept as interrupted; save it again: {rig.Drive}/d/held", ended.Output, StringComparison.Ordinal);

        await rig.MountAsync();
        await Poll.UntilAsync(rig.DriveStatusAsync, status => status["files"]!["synced"]?.GetValue<int>() == 1, "the closed file in the bucket");
        var problem = await rig.OnlyProblemAsync();
        Assert.Equal(("d/held", "Interrupted"), (problem.Path, problem.State));
        Assert.Equal("half whole", await rig.ShAsync("""echo "$(cat "$DRIVE"/d/held) $(cat "$DRIVE"/closed)" """));
    }

    [Fact]
    public async Task An_unmount_that_is_given_up_leaves_the_drive_and_its_writers()
    {
        await using var rig = await Rig.MountedAsync();
        await using var writer = await rig.HoldAsync(WriteAndHold);
        using var unmounting = Command.Start(Places.Program, ["unmount", rig.Drive], rig.Environment);
        await NobodyMayBeginToWriteAsync(rig);

        (await Command.RunAsync("kill", ["-INT", $"{unmounting.Id}"], rig.Environment)).Expect(0);
        (await Command.EndOfAsync(unmounting, Stopwatch.GetTimestamp())).Expect(1);
        await Poll.UntilAsync(
            () => Command.RunAsync("sh", ["-c", """echo new > "$DRIVE"/new"""], rig.Environment), made => made.ExitCode == 0, "writers being let in again");
        await writer.FinishAsync();
        (await rig.WaitAsync()).Expect(0);
        Assert.Equal("first", await rig.ShAsync("""cat "$DRIVE"/held"""));
    }

    [Fact]
    public async Task Sigterm_waits_for_writers_and_asks_the_service_manager_for_patience()
    {
        await using var rig = await Rig.StartAsync();
        using var manager = new NotifySocket(Path.Combine(rig.Work, "notify"));
        var environment = new Dictionary<string, string>(rig.Environment) { ["NOTIFY_SOCKET"] = manager.Path, ["WATCHDOG_USEC"] = "4000000" };
        using var agent = Command.Start(Places.Program, rig.MountLine("--foreground"), environment);
        await manager.HearAsync("READY=1");
        await rig.ListAsync();
        await manager.HearAsync("WATCHDOG=1");
        await using var writer = await rig.HoldAsync(WriteAndHold);

        var begun = Stopwatch.GetTimestamp();
        (await Command.RunAsync("kill", ["-TERM", $"{agent.Id}"], rig.Environment)).Expect(0);
        await manager.HearAsync("STOPPING=1");
        Assert.Equal("STATUS=unmounting; waits for programs to close files: 1", await manager.HearAsync("STATUS="));
        Assert.Contains("EXTEND_TIMEOUT_USEC=20000000", manager.Heard);
        await NobodyMayBeginToWriteAsync(rig);
        await writer.FinishAsync();

        var ended = (await Command.EndOfAsync(agent, begun)).Expect(0);
        Assert.Contains("drive is unmounted: 1 file or folder to send (5 B)", ended.Output, StringComparison.Ordinal);
        Assert.False(rig.IsMounted());
    }

    // EROFS, as of a disk that is remounted read-only before it goes.
    private static async Task NobodyMayBeginToWriteAsync(Rig rig) => await Poll.UntilAsync(
        () => Command.RunAsync("sh", ["-c", """: > "$DRIVE"/refused-$$"""], rig.Environment),
        tried => tried.ExitCode != 0 && tried.Errors.Contains("Read-only file system", StringComparison.Ordinal), "new writers being refused");
}
