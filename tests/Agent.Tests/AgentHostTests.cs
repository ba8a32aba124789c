using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

public class AgentHostTests
{
    [Fact]
    public async Task The_same_drive_twice_is_mounted_once()
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.True(await agent.MountAsync(agent.Settings()));
        Assert.Single(agent.Opener.Opened);
        Assert.Single(agent.Drive.Reader.Drives());
    }

    [Fact]
    public async Task The_row_of_a_drive_is_found_again()
    {
        await using var agent = await TestAgent.StartAsync(mounted: false);
        await agent.MountAsync(agent.Settings("/mnt/elsewhere"));
        Assert.Equal(agent.Drive.Row with { MountPoint = "/mnt/elsewhere" }, Assert.Single(agent.Drive.Reader.Drives()));
    }

    [Fact]
    public async Task A_mount_point_is_bound_anew_only_when_its_old_drive_is_done()
    {
        await using var agent = await TestAgent.StartAsync(mounted: false);
        var node = agent.Drive.MakeFile("a", [1, 2]);

        var refused = await Assert.ThrowsAsync<CommandException>(() => agent.MountAsync(agent.Settings(bucket: "other-bucket")));
        Assert.Equal(ExitCodes.Configuration, refused.ExitCode);
        Assert.Contains("1 file or folder to send (2 B)", refused.Message, StringComparison.Ordinal);
        Assert.Empty(agent.Opener.Opened);

        agent.Confirm(node);
        Assert.False(await agent.MountAsync(agent.Settings(bucket: "other-bucket")));
        Assert.Equal(["", "/mnt/x"], agent.Drive.Reader.Drives().Select(drive => drive.MountPoint));
    }

    [Theory]
    [InlineData("/mnt/x", "other-bucket", "is a drive of bucket bucket already")]
    [InlineData("/mnt/y", "bucket", "is mounted at /mnt/x already")]
    [InlineData("/mnt/x/y", "other-bucket", "is inside the drive at /mnt/x")]
    public async Task Drives_that_meet_are_refused(string mountPoint, string bucket, string reason)
    {
        await using var agent = await TestAgent.StartAsync();
        var refused = await Assert.ThrowsAsync<CommandException>(() => agent.MountAsync(agent.Settings(mountPoint, bucket)));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Single(agent.Opener.Opened);
    }

    [Fact]
    public async Task Live_mounts_are_registered()
    {
        await using var agent = await TestAgent.StartAsync();
        Assert.Equal(agent.Drive.Folder, agent.Registry.Find("/mnt/x")?.State);
        Assert.Equal("/mnt/x", agent.Registry.FindAbove("/mnt/x/deep/down")?.MountPoint);
        Assert.Null(agent.Registry.FindAbove("/mnt/xy"));
        await agent.Host.UnmountAsync("/mnt/x", null, CancellationToken.None);
        Assert.Null(agent.Registry.Find("/mnt/x"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_that_lives_for_its_drives_ends_with_the_last_of_them(bool endsWithLastDrive)
    {
        await using var agent = await TestAgent.StartAsync(endsWithLastDrive);
        await agent.MountAsync(agent.Settings("/mnt/y", "other-bucket"));
        await agent.Host.UnmountAsync("/mnt/x", null, CancellationToken.None);
        Assert.False(agent.Host.StopRequested.IsCompleted);
        await agent.Host.UnmountAsync("/mnt/y", null, CancellationToken.None);
        Assert.Equal(endsWithLastDrive, agent.Host.StopRequested.IsCompleted);
    }

    [Fact]
    public async Task A_drive_that_is_unmounted_from_outside_ends()
    {
        await using var agent = await TestAgent.StartAsync(endsWithLastDrive: true);
        agent.Live.Ended.SetResult();
        await agent.Host.StopRequested.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(agent.Live.Disposed);
        Assert.Empty(agent.Host.Drives);
        Assert.Null(agent.Registry.Find("/mnt/x"));
    }

    [Fact]
    public async Task Unmounting_tells_what_stays_pending()
    {
        await using var agent = await TestAgent.StartAsync();
        agent.Drive.MakeFile("a", [1, 2]);
        var answer = Assert.Single(await agent.Host.UnmountAllAsync(TimeSpan.Zero));
        Assert.Equal(new Status.PendingSummary(1, 2, 0, 0), answer.Pending);
        await Assert.ThrowsAsync<CommandException>(() => agent.MountAsync(agent.Settings()));
    }
}
