using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;

namespace SyncAgent.Agent.Tests;

public class BacklogTests
{
    [Fact]
    public async Task The_backlog_is_counted_over_all_drives_with_how_much_of_it_is_done()
    {
        await using var agent = await TestAgent.StartAsync();
        await using var watch = new BacklogWatch(agent.Host, TimeProvider.System, NullLogger.Instance);
        var told = new List<Backlog>();
        watch.Changed += told.Add;
        watch.Look();
        Assert.Equal("nothing pending", watch.Now.Describe());
        Assert.Empty(told);

        var first = agent.Drive.MakeFile("a", new byte[600]);
        agent.Drive.MakeFile("b", new byte[400]);
        watch.Look();
        Assert.Equal("2 files or folders to send (1000 B), 0 %", watch.Now.Describe());
        Assert.True(watch.Now.GoesOn);
        agent.Live.Sending.Add(new ActiveFile(first, "a", 300, 600));
        watch.Look();
        Assert.Equal(30, watch.Now.Percent);

        agent.Live.Sending.Clear();
        agent.Confirm(first);
        watch.Look();
        Assert.Equal("1 file or folder to send (400 B), 60 %", watch.Now.Describe());
        Assert.Equal(3, told.Count);
    }

    [Theory]
    [InlineData("offline", false)]
    [InlineData("refused", false)]
    [InlineData("ok", true)]
    public async Task What_waits_for_its_store_or_its_user_holds_no_shutdown_up(string health, bool paused)
    {
        await using var agent = await TestAgent.StartAsync();
        agent.Drive.MakeFile("a", [1]);
        agent.Live.Health = new StoreHealth(health, null, null);
        agent.Live.SetPaused(paused);
        await using var watch = new BacklogWatch(agent.Host, TimeProvider.System, NullLogger.Instance);
        watch.Look();
        Assert.False(watch.Now.GoesOn);
        agent.Live.Health = new StoreHealth("ok", null, null);
        agent.Live.SetPaused(false);
        watch.Look();
        Assert.True(watch.Now.GoesOn);
    }

    [Fact]
    public async Task The_end_of_all_drives_waits_for_their_writers_together()
    {
        await using var agent = await TestAgent.StartAsync();
        await agent.MountAsync(agent.Settings("/mnt/y", "other-bucket"));
        foreach (var drive in agent.Opener.Opened) drive.Written.Add(4711);
        var ending = agent.Host.UnmountAllAsync(TimeSpan.FromMinutes(1));
        Assert.All(agent.Opener.Opened, drive => Assert.True(drive.RefusesWriters));
        agent.Opener.Opened[0].CloseAll();
        Assert.False(ending.IsCompleted);
        agent.Opener.Opened[1].CloseAll();
        Assert.Equal(2, (await ending).Count);
    }

    [Fact]
    public async Task Giving_up_an_unmount_lets_writers_in_again()
    {
        await using var agent = await TestAgent.StartAsync();
        agent.Live.Written.Add(4711);
        using var cancel = new CancellationTokenSource();
        var unmounting = agent.Host.UnmountAsync("/mnt/x", TimeSpan.FromMinutes(1), cancel.Token);
        Assert.True(agent.Live.RefusesWriters);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => unmounting);
        Assert.False(agent.Live.RefusesWriters);
        Assert.Single(agent.Host.Drives);
        agent.Live.CloseAll();
    }
}
