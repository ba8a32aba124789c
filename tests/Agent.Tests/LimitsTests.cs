using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests;

/// <summary>The bandwidth of a running agent, over its API, as the command line uses it.</summary>
public sealed class LimitsTests : IAsyncLifetime
{
    private readonly Support.Cli _cli = new();
    private StatusRig _rig = null!;

    private BandwidthControl Control => _rig.Agent.Host.Bandwidth.Control;

    private string[] State => ["--state", _rig.Agent.Drive.Folder];

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Without_limits_it_says_so()
    {
        Assert.Equal(0, await _cli.RunAsync(["limits", .. State]));
        Assert.Equal("limits: up unlimited, down unlimited\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync(["status", .. State]));
        Assert.DoesNotContain("limits", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_holds_at_once_for_all_drives_and_shows_in_the_status()
    {
        Assert.Same(Control, _rig.Agent.Opener.Orders[0].Bandwidth);
        Assert.Equal(0, await _cli.RunAsync(["limits", "--upload", "2MiB", .. State]));
        Assert.Equal((2 << 20, 0), (Control.Upload.BytesPerSecond, Control.Download.BytesPerSecond));
        Assert.Equal(0, await _cli.RunAsync(["limits", "--download", "500k", "--json", .. State]));
        Assert.Equal("""{"upload":2097152,"download":512000,"uploadByHand":true,"downloadByHand":true}""" + "\n", _cli.Out);
        Assert.Equal(0, await _cli.RunAsync(["status", .. State]));
        Assert.Contains("limits: up 2 MiB/s (set by hand), down 500 KiB/s (set by hand)", _cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auto_goes_back_to_the_configuration()
    {
        _rig.Agent.Host.Bandwidth.Configure(new EngineSettings { UploadLimit = 1000_000 });
        Assert.Equal(0, await _cli.RunAsync(["limits", "--upload", "unlimited", .. State]));
        Assert.Equal(0, Control.Upload.BytesPerSecond);
        Assert.Equal(0, await _cli.RunAsync(["limits", "--upload", "auto", .. State]));
        Assert.Equal(1_000_000, Control.Upload.BytesPerSecond);
        Assert.Equal("limits: up 976.6 KiB/s, down unlimited\n", _cli.Out);
    }

    [Fact]
    public async Task What_was_set_by_hand_outlives_the_agent_and_auto_is_forgotten()
    {
        Assert.Equal(0, await _cli.RunAsync(["limits", "--upload", "1MiB", "--download", "unlimited", .. State]));
        using (var next = new AgentBandwidth(_rig.Agent.Drive.Journal, TimeProvider.System, NullLogger.Instance))
        {
            next.Configure(new EngineSettings { UploadLimit = 5000, DownloadLimit = 5000 });
            Assert.Equal(new LimitsStatus(1 << 20, 0, true, true, null), next.Read());
        }

        Assert.Equal(0, await _cli.RunAsync(["limits", "--upload", "auto", "--download", "auto", .. State]));
        using var last = new AgentBandwidth(_rig.Agent.Drive.Journal, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(new LimitsStatus(0, 0, false, false, null), last.Read());
    }

    [Fact]
    public async Task A_mount_line_s_limits_are_the_agent_s()
    {
        await _rig.Agent.Host.MountAsync(_rig.Agent.Settings("/mnt/other", "other-bucket"), new EngineSettings { DownloadLimit = 9000 }, TestAgent.Keys, default);
        Assert.Equal((0, 9000), (Control.Upload.BytesPerSecond, Control.Download.BytesPerSecond));
    }

    [Fact]
    public async Task A_drive_that_cannot_be_mounted_changes_no_limits()
    {
        var settings = _rig.Agent.Settings("/mnt/other", "other-bucket");
        _rig.Agent.Opener.Failure = new IOException("no /dev/fuse");
        await Assert.ThrowsAsync<IOException>(() => _rig.Agent.Host.MountAsync(settings, new EngineSettings { UploadLimit = 9000 }, TestAgent.Keys, default));
        Assert.Equal(0, Control.Upload.BytesPerSecond);
        _rig.Agent.Opener.Failure = null;
        await _rig.Agent.Host.MountAsync(settings, new EngineSettings { UploadLimit = 9000 }, TestAgent.Keys, default);
        Assert.Equal(9000, Control.Upload.BytesPerSecond);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"upload\":5000")]
    [InlineData("{\"upload\":\"fast\"}")]
    [InlineData("{\"upload\":5000,\"download\":-1}")]
    public async Task Damaged_limits_do_not_keep_the_agent_from_starting(string stored)
    {
        _rig.Agent.Drive.Journal.SetValue("bandwidth.override", stored);
        await using var log = new StringWriter();
        using (var next = new AgentBandwidth(_rig.Agent.Drive.Journal, TimeProvider.System, new WarningLog<AgentBandwidth>(log)))
        {
            Assert.Equal(new LimitsStatus(0, 0, false, false, null), next.Read());
            Assert.Contains("set them again with", log.ToString(), StringComparison.Ordinal);
            next.Change(new LimitsRequest(new LimitChange(5000), null));
        }

        using var last = new AgentBandwidth(_rig.Agent.Drive.Journal, TimeProvider.System, NullLogger.Instance);
        Assert.Equal(5000, last.Control.Upload.BytesPerSecond);
    }

    [Theory]
    [InlineData("--upload", "fast")]
    [InlineData("--download", "5")]
    public async Task What_is_no_rate_is_a_wrong_command_line(string option, string rate) =>
        Assert.Equal(64, await _cli.RunAsync(["limits", option, rate, .. State]));
}
