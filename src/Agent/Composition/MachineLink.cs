using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Hosting.Network;
using SyncAgent.Agent.Hosting.Power;
using SyncAgent.Agent.Hosting.Windows;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Composition;

/// <summary>What ties an agent to its machine: the service manager that watches it, shutdowns and sleep, the network.</summary>
internal sealed class MachineLink : IAsyncDisposable
{
    /// <summary>What the end may take beyond the time that writers get: the last group commit, requests that are let go.</summary>
    private static readonly TimeSpan EndWithoutWriters = TimeSpan.FromSeconds(60);

    private readonly AgentHost _host;
    private readonly BacklogWatch _backlog;
    private readonly SystemdLife _systemd;
    private readonly IPowerWatch _power;
    private readonly NetworkWatch _network;

    /// <summary>Ties it; nobody is told anything before <see cref="Ready"/>.</summary>
    public MachineLink(AgentHost host, AgentSettings settings, Func<string, string?> environment, ILogger logger)
    {
        _host = host;
        _backlog = new BacklogWatch(host, host.Time, logger);
        _systemd = new SystemdLife(environment, () => _backlog.Now.Describe(), new VitalSigns(host, host.Time).FindSilentAsync, host.Time, logger);
        var inhibition = settings.InhibitShutdown ?? ShutdownInhibition.Delay;
        _power = OperatingSystem.IsWindows()
            ? new SessionWatch(inhibition, WakeDrives, host.RequestStop, logger)
            : new PowerWatch(environment(PowerWatch.AddressVariable), inhibition, WakeDrives, host.Time, logger);
        _network = new NetworkWatch(WakeDrives, host.Time);
    }

    /// <summary>The drives are mounted.</summary>
    public void Ready()
    {
        _backlog.Changed += backlog => _power.SetPending(backlog.GoesOn);
        _backlog.Start();
        _systemd.Ready();
        _power.Start();
    }

    /// <summary>Unmounts all drives, and asks the service manager for patience meanwhile.</summary>
    public async Task<IReadOnlyList<UnmountAnswer>> UnmountAllAsync()
    {
        var ending = _host.UnmountAllAsync(_host.StopTimeout);
        await _systemd.EndAsync(ending, _host.StopTimeout + EndWithoutWriters, DescribeEnd);
        return await ending;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _network.Dispose();
        await _power.DisposeAsync();
        await _systemd.DisposeAsync();
        await _backlog.DisposeAsync();
    }

    private void WakeDrives()
    {
        foreach (var drive in _host.Drives) drive.Wake();
    }

    private string DescribeEnd() => _host.Drives.Sum(drive => drive.OpenForWriting) is var files and > 0
        ? $"unmounting; waits for programs to close files: {files}"
        : "unmounting";
}
