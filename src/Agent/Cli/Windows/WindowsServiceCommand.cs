using System.Runtime.Versioning;
using System.Text.Json;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Hosting.Windows;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli.Windows;

/// <summary><c>syncagent service</c> on Windows: by default what starts with the user's session (Run key), with <c>--system</c> a service of the machine.</summary>
/// <param name="scope">Whose.</param>
/// <param name="context">The world.</param>
[SupportedOSPlatform("windows")]
internal sealed class WindowsServiceCommand(ServiceScope scope, CliContext context)
{
    /// <summary>Time that the control manager gives the end at a shutdown beyond what writers get.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(30);

    /// <summary>Checks everything, then writes it down and starts it; again: upgrades it.</summary>
    public async Task<int> InstallAsync(string? config, CancellationToken stop)
    {
        var plan = WindowsServicePlan.Read(scope, config);
        return scope.IsSystem ? await InstallServiceAsync(plan, stop) : await InstallLogonAsync(plan);
    }

    /// <summary>Ends it and takes it away; state and configuration stay, and it says what is still to be sent.</summary>
    public async Task<int> UninstallAsync(CancellationToken stop)
    {
        _ = await RemoveAsync(stop);
        return ExitCodes.Ok;
    }

    /// <summary>The same.</summary>
    /// <returns>Whether everything is in the bucket.</returns>
    public async Task<bool> RemoveAsync(CancellationToken stop)
    {
        string line;
        if (scope.IsSystem)
        {
            using var manager = new ServiceManager(toChange: true);
            if (manager.Find() is not { } found) return await NotInstalledAsync();
            line = found.CommandLine;
            await manager.StopAsync(context.Time, stop);
            manager.Delete();
            await context.Out.WriteLineAsync($"the service {WindowsService.Name} is removed");
        }
        else
        {
            if (LogonStart.Read() is not { } found) return await NotInstalledAsync();
            line = found;
            LogonStart.Write(null);
            await context.Out.WriteLineAsync($"{LogonStart.Place} is removed: nothing starts when you log on; drives that are mounted now stay until \"syncagent unmount\"");
        }

        if (WindowsServicePlan.ConfigOf(line) is not { } config || !File.Exists(config)) return true;
        var state = WindowsServicePlan.Read(scope, config).State;
        await context.Out.WriteLineAsync($"its state stays in {state}, its configuration in {config}");
        var left = OnlyHere.Find(state, context.Time) ?? [];
        foreach (var sentence in left) await context.Out.WriteLineAsync(sentence);
        return left.Count == 0;
    }

    /// <summary>Shows it.</summary>
    public async Task<int> StatusAsync(bool json, CancellationToken stop)
    {
        var report = scope.IsSystem ? ReadService() : await ReadLogonAsync(stop);
        await context.Out.WriteLineAsync(json ? JsonSerializer.Serialize(report, ServiceJson.Default.ServiceReport) : Describe(report));
        return report.State == "active" ? ExitCodes.Ok : ExitCodes.NeedsUser;
    }

    private async Task<int> InstallServiceAsync(WindowsServicePlan plan, CancellationToken stop)
    {
        using var manager = new ServiceManager(toChange: true);
        if (manager.Find() is { State: not "stopped" }) await manager.StopAsync(context.Time, stop);
        else if (AgentLock.IsHeld(plan.State))
            throw new CommandException(ExitCodes.NeedsUser, $"an agent works on {plan.State} already: unmount its drives first, then install the service.");
        OwnFolder.Create(plan.State);
        var existed = manager.Put(plan.ServiceLine, (plan.File.Agent.StopTimeout ?? Configuration.AgentSettings.DefaultStopTimeout) + StopMargin);
        await manager.StartAsync(context.Time, stop);
        await context.Out.WriteLineAsync($"the service {WindowsService.Name} is {(existed ? "upgraded" : "installed")} and runs; its state is in {plan.State}");
        foreach (var drive in plan.File.Drives) await context.Out.WriteLineAsync($"{drive.MountPoint} is mounted, for {(drive.AllowOther ? "everybody who logs on to this machine" : "administrators only; \"allowOther\": true lets everybody in")}");
        return ExitCodes.Ok;
    }

    private async Task<int> InstallLogonAsync(WindowsServicePlan plan)
    {
        LogonStart.Write(plan.LogonLine);
        await context.Out.WriteLineAsync($"the drives of {plan.Config} are mounted whenever you log on ({LogonStart.Place})");
        return await CommandLine.RunAsync(["mount", "--config", plan.Config], context);
    }

    private ServiceReport ReadService()
    {
        using var manager = new ServiceManager(toChange: false);
        return manager.Find() is not { } found
            ? new ServiceReport(false, "inactive", false, null, null, 0, WindowsService.Name, null, null)
            : new ServiceReport(
                true, found.State == "running" ? "active" : found.State, found.StartsByItself, null, found.Pid, 0, WindowsService.Name, StateOf(found.CommandLine),
                WindowsServicePlan.ConfigOf(found.CommandLine));
    }

    private async Task<ServiceReport> ReadLogonAsync(CancellationToken stop)
    {
        var line = LogonStart.Read();
        var state = line is null ? null : StateOf(line);
        using var client = state is null ? null : await ControlClient.TryConnectAsync(state, stop);
        return new ServiceReport(
            line is not null, client is null ? "inactive" : "active", line is not null, null, client?.Address.Pid, 0, LogonStart.Place, state,
            line is null ? null : WindowsServicePlan.ConfigOf(line));
    }

    private string? StateOf(string line) =>
        WindowsServicePlan.ConfigOf(line) is { } config && File.Exists(config) ? ConfigFileState(config) : null;

    private string ConfigFileState(string config) => Path.TrimEndingDirectorySeparator(Configuration.ConfigFile.Read(config).State ?? scope.DefaultState);

    private async Task<bool> NotInstalledAsync()
    {
        await context.Out.WriteLineAsync($"{(scope.IsSystem ? $"the service {WindowsService.Name}" : LogonStart.Place)} is not installed");
        return true;
    }

    private string Describe(ServiceReport report)
    {
        if (!report.Installed) return $"{report.Unit} is not installed; \"syncagent service install{scope.Option} --config FILE\" does it";
        return $"{report.Unit} is {report.State}{(report.Pid is { } pid ? $" (pid {pid})" : "")}, {(report.Enabled ? "starts by itself" : "does not start by itself")}" +
            $"\n  state {report.StateFolder}, configuration {report.Config}";
    }
}
