using System.Diagnostics;

namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>Programs that give up while a read waits for the network.</summary>
public class InterruptTests
{
    [Fact]
    public async Task A_killed_cat_is_gone_at_once_and_the_drive_goes_on()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("slow", new byte[100_000]);
        using var cat = Shell.Start("cat", $"{drive.Path}/slow");
        await Seen(drive.FileSystem.SlowReadBegan);
        cat.Kill();
        await Exit(cat);
        Assert.Equal("hello", await Shell.ShAsync(drive.Path, "echo hello > f; cat f"));
    }

    [Fact]
    public async Task An_aborted_connection_frees_all_who_wait_and_only_those()
    {
        await using var other = Drive.Mount();
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("slow", new byte[100_000]);
        using var cat = Shell.Start("cat", $"{drive.Path}/slow");
        await Seen(drive.FileSystem.SlowReadBegan);
        Assert.True(LinuxMounts.TryFind(drive.Path, out var mount));
        Assert.True(FuseConnection.TryAbort(mount));
        await Exit(cat);
        Assert.NotEqual(0, cat.ExitCode);
        Assert.Equal("hello", await Shell.ShAsync(other.Path, "echo hello > f; cat f"));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task A_direct_read_is_interrupted_by_a_deadly_signal(string signal)
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("slow", new byte[100_000]);
        using var reader = Shell.Start("dd", $"if={drive.Path}/slow", "of=/dev/null", "iflag=direct", "bs=65536");
        await Seen(drive.FileSystem.SlowReadBegan);
        await Shell.ShAsync("/", $"kill -{signal} {reader.Id}");
        await Seen(drive.FileSystem.SlowReadInterrupted);
        await Exit(reader);
    }

    [Fact]
    public async Task A_harmless_signal_does_not_make_a_read_fail()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("slow", new byte[100_000]);
        using var reader = Shell.Start("dd", $"if={drive.Path}/slow", "of=/dev/null", "iflag=direct", "bs=65536");
        await Seen(drive.FileSystem.SlowReadBegan);
        await Shell.ShAsync("/", $"kill -USR1 {reader.Id}"); // dd prints statistics and goes on
        await Shell.ShAsync(drive.Path, "echo other requests come through > f");
        drive.FileSystem.Thaw();
        await Exit(reader);
        Assert.Equal(0, reader.ExitCode);
        Assert.Equal(0, drive.FileSystem.SlowReadInterrupted.CurrentCount);
    }

    [Fact]
    public async Task A_deadly_signal_after_a_harmless_one_still_counts()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("slow", new byte[100_000]);
        using var reader = Shell.Start("dd", $"if={drive.Path}/slow", "of=/dev/null", "iflag=direct", "bs=65536");
        await Seen(drive.FileSystem.SlowReadBegan);
        await Shell.ShAsync("/", $"kill -USR1 {reader.Id}; kill -KILL {reader.Id}");
        await Seen(drive.FileSystem.SlowReadInterrupted);
        await Exit(reader);
    }

    [Fact]
    public async Task Stuck_reads_leave_the_readers_free()
    {
        await using var drive = Drive.Mount();
        for (var i = 0; i < 20; i++) drive.FileSystem.AddOutside($"slow{i}", new byte[1000]);
        var cats = Enumerable.Range(0, 20).Select(i => Shell.Start("cat", $"{drive.Path}/slow{i}")).ToList();
        for (var i = 0; i < 20; i++) await Seen(drive.FileSystem.SlowReadBegan);
        Assert.Equal("hello", await Shell.ShAsync(drive.Path, "echo hello > f; cat f"));
        drive.FileSystem.Thaw();
        foreach (var cat in cats)
        {
            Assert.Equal(1000, (await cat.StandardOutput.ReadToEndAsync()).Length);
            await Exit(cat);
            cat.Dispose();
        }
    }

    private static async Task Seen(SemaphoreSlim signal) =>
        Assert.True(await signal.WaitAsync(Shell.Patience, TestContext.Current.CancellationToken), "was not seen");

    private static async Task Exit(Process process)
    {
        using var patience = new CancellationTokenSource(Shell.Patience);
        await process.WaitForExitAsync(patience.Token);
    }
}
