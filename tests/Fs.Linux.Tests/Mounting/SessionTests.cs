using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Fs.Linux.Tests.Doubles;

namespace SyncAgent.Fs.Linux.Tests.Mounting;

/// <summary>Mounting, unmounting, and everything that goes wrong with them.</summary>
public class SessionTests
{
    private static readonly string Self = Environment.ProcessPath!;

    [Fact]
    public async Task A_drive_comes_and_goes()
    {
        var drive = Drive.Mount();
        Assert.True(LinuxMounts.TryFind(drive.Path, out var mount));
        Assert.Equal(("fuse.syncagent-test", "syncagent"), (mount.FileSystemType, mount.Source));
        Assert.Equal(UnmountResult.Unmounted, await drive.Session.UnmountAsync(lazyIfBusy: false));
        Assert.True(drive.Session.Completion.IsCompletedSuccessfully);
        Assert.Equal(UnmountResult.NotMounted, await drive.Session.UnmountAsync(lazyIfBusy: false));
        Assert.False(LinuxMounts.TryFind(drive.Path, out _));
        await drive.DisposeAsync();
    }

    [Fact]
    public async Task A_drive_in_use_is_busy_then_detached_then_done()
    {
        await using var drive = Drive.Mount();
        using var holder = await Hold(drive.Path);
        Assert.Equal(UnmountResult.Busy, await drive.Session.UnmountAsync(lazyIfBusy: false));
        Assert.True(LinuxMounts.TryFind(drive.Path, out _));
        Assert.Equal(UnmountResult.Detached, await drive.Session.UnmountAsync(lazyIfBusy: true));
        Assert.False(LinuxMounts.TryFind(drive.Path, out _));
        Assert.False(drive.Session.Completion.IsCompleted);
        holder.StandardInput.Close(); // writes, closes, leaves
        await drive.Session.Completion.WaitAsync(Shell.Patience);
        Assert.Equal("held\nlast words\n"u8.ToArray(), drive.FileSystem.Content("f"));
        Assert.Equal(0, drive.FileSystem.OpenHandleCount);
        Assert.Equal("released f", drive.FileSystem.Calls.Last());
    }

    [Fact]
    public async Task Unmounting_by_hand_ends_the_session()
    {
        await using var drive = Drive.Mount();
        await Shell.ShAsync(drive.Path, "echo x > f");
        await Shell.ShAsync("/", $"umount {drive.Path}");
        await drive.Session.Completion.WaitAsync(Shell.Patience);
        Assert.Equal(0, drive.FileSystem.OpenHandleCount);
        Assert.Equal(UnmountResult.NotMounted, await drive.Session.UnmountAsync(lazyIfBusy: true));
    }

    [Fact]
    public async Task An_aborted_connection_releases_what_was_open_and_interrupts_what_waits()
    {
        await using var drive = Drive.Mount();
        drive.FileSystem.AddOutside("slow", new byte[100]);
        using var holder = await Hold(drive.Path);
        using var cat = Shell.Start("cat", $"{drive.Path}/slow");
        Assert.True(await drive.FileSystem.SlowReadBegan.WaitAsync(Shell.Patience));
        await Shell.RunAsync("umount", "-f", drive.Path); // says "busy", and aborts
        await drive.Session.Completion.WaitAsync(Shell.Patience);
        Assert.Equal(0, drive.FileSystem.OpenHandleCount);
        Assert.True(drive.FileSystem.SlowReadInterrupted.Wait(0));
        Assert.Contains("released f", drive.FileSystem.Calls);
        holder.Kill();
    }

    [Fact]
    public async Task Disposing_while_files_are_open_releases_them_and_programs_see_a_dead_drive()
    {
        var drive = Drive.Mount();
        using var holder = await Hold(drive.Path);
        await drive.DisposeAsync();
        Assert.Equal(0, drive.FileSystem.OpenHandleCount);
        holder.StandardInput.Close();
        Assert.Contains("error", await holder.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
        await drive.Session.Completion.WaitAsync(Shell.Patience);
    }

    [Fact]
    public async Task What_a_killed_process_left_is_replaced()
    {
        Drive.SkipUnlessRoot();
        using var directory = new TemporaryDirectory();
        await LeaveDeadMount(directory.Path);
        Assert.Contains("not connected", (await Shell.RunAsync("stat", directory.Path)).Errors, StringComparison.Ordinal);
        await using (var session = FuseSession.Mount(directory.Path, new MemoryFileSystem(), Options(), NullLogger.Instance))
        {
            Assert.Single(LinuxMounts.Read(), mount => mount.MountPoint == directory.Path);
            Assert.Equal("hello", await Shell.ShAsync(directory.Path, "echo hello > f; cat f"));
        }

        Assert.False(LinuxMounts.TryFind(directory.Path, out _));
    }

    [Fact]
    public async Task A_dead_mount_is_found_through_a_symbolic_link()
    {
        Drive.SkipUnlessRoot();
        using var directory = new TemporaryDirectory();
        var real = Directory.CreateDirectory(Path.Join(directory.Path, "a b\\c")).FullName;
        Directory.CreateSymbolicLink(Path.Join(directory.Path, "link"), directory.Path);
        await LeaveDeadMount(real);
        await using var session = FuseSession.Mount(
            Path.Join(directory.Path, "link", "a b\\c/"), new MemoryFileSystem(), Options(), NullLogger.Instance);
        Assert.Equal(real, session.MountPoint);
        Assert.Single(LinuxMounts.Read(), mount => mount.MountPoint == real);
    }

    [Fact]
    public async Task A_live_drive_is_never_replaced()
    {
        await using var drive = Drive.Mount();
        Fails(FuseFailure.AlreadyMounted, drive.Path);
        Assert.Equal("hello", await Shell.ShAsync(drive.Path, "echo hello > f; cat f"));
    }

    [Fact]
    public void Mount_points_must_be_empty_directories()
    {
        Drive.SkipUnlessRoot();
        using var directory = new TemporaryDirectory();
        var file = Path.Join(directory.Path, "file");
        File.WriteAllText(file, "x");
        Fails(FuseFailure.NotEmpty, directory.Path);
        Fails(FuseFailure.NotDirectory, file);
        Fails(FuseFailure.NotDirectory, Path.Join(directory.Path, "none"));
        Fails(FuseFailure.NotDirectory, Path.Join(directory.Path, "none", "none"));
    }

    [Fact]
    public void Wrong_options_are_told_before_anything_is_done()
    {
        var error = Assert.Throws<ArgumentException>(() => FuseSession.Mount(
            "/nowhere", new MemoryFileSystem(), new FuseMountOptions { FsName = "a,b", Threads = 0 }, NullLogger.Instance));
        Assert.Contains("FsName", error.Message, StringComparison.Ordinal);
        Assert.Contains("Threads", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Children_do_not_inherit_the_device()
    {
        await using var drive = Drive.Mount();
        Assert.DoesNotContain("/dev/fuse", await Shell.ShAsync("/", "ls -l /proc/self/fd"), StringComparison.Ordinal);
    }

    private static FuseMountOptions Options() => new() { Subtype = Drive.Subtype };

    private static void Fails(FuseFailure failure, string path)
    {
        var error = Assert.Throws<FuseException>(() => FuseSession.Mount(path, new MemoryFileSystem(), Options(), NullLogger.Instance));
        Assert.Equal(failure, error.Failure);
        Assert.NotEmpty(error.Remedy);
        Assert.EndsWith(error.Remedy, error.Message, StringComparison.Ordinal);
    }

    /// <summary>A process with an open file, which writes to it when its standard input ends.</summary>
    private static async Task<Process> Hold(string directory)
    {
        var holder = Shell.Start("sh", "-c", $"exec 3> {directory}/f; echo held >&3; echo ready; read line; echo last words >&3");
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience));
        return holder;
    }

    private static async Task LeaveDeadMount(string directory)
    {
        using var agent = Shell.Start(Self, "mount", directory);
        Assert.Equal("mounted", await agent.StandardOutput.ReadLineAsync().WaitAsync(Shell.Patience));
        agent.Kill();
        await agent.WaitForExitAsync();
        Assert.True(LinuxMounts.TryFind(directory, out _));
    }
}
