using System.CommandLine;
using System.Diagnostics;
using System.Runtime.Versioning;
using SyncAgent.Agent.Cli.Init;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Hosting.Windows;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli.Windows;

/// <summary>
/// <c>syncagent package stop|start|leave</c>, hidden: what the installer asks of the program, since Windows replaces no file that runs. Each either for the user who
/// installs or, with <c>--system</c>, for the machine. Exit code 1: somebody should read what was said.
/// </summary>
[SupportedOSPlatform("windows")]
internal sealed class WindowsPackage(CliContext context)
{
    /// <summary>An agent that has unmounted closes its journal; a demo's store and a tray have nothing to close.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    /// <summary>Whoever begins an upgrade and dies does not keep a later removal from being one.</summary>
    private static readonly TimeSpan LongestUpgrade = TimeSpan.FromHours(1);

    private bool IsUpgrade => StoppedNote.OfUser.Upgrade is { } begun && context.Time.GetUtcNow() - begun < LongestUpgrade;

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Build(CliContext context)
    {
        var package = new WindowsPackage(context);
        yield return Verb("stop", "Ends in order what runs of this program, and notes it.", package.StopServiceAsync, package.StopAsync);
        yield return Verb("upgrade", "The same, for a newer version that is about to remove this one.", package.StopServiceAsync, package.UpgradeAsync);
        yield return Verb("start", "Starts again what was ended.", package.StartServiceAsync, package.StartAsync);
        yield return Verb("leave", "Takes away what starts by itself, and says what stays.", package.LeaveServiceAsync, package.LeaveAsync);
    }

    private static Command Verb(string name, string description, Func<CancellationToken, Task<int>> ofMachine, Func<CancellationToken, Task<int>> ofUser)
    {
        var system = new Option<bool>("--system") { Description = "The machine's service instead of what the user runs" };
        var command = new Command(name, description) { system };
        command.Hidden = true;
        command.SetAction((parsed, stop) => parsed.GetValue(system) ? ofMachine(stop) : ofUser(stop));
        return command;
    }

    private async Task<int> StopServiceAsync(CancellationToken stop)
    {
        using var manager = new ServiceManager(toChange: true);
        if (manager.Find() is not { State: not "stopped" } found || !PackageProcesses.IsOwn(found.CommandLine)) return ExitCodes.Ok;
        StoppedNote.OfMachine.Service = true;
        await manager.StopAsync(context.Time, stop);
        await context.Out.WriteLineAsync($"the service {WindowsService.Name} is stopped; what is not sent goes on when it starts");
        return ExitCodes.Ok;
    }

    private async Task<int> StartServiceAsync(CancellationToken stop)
    {
        if (!StoppedNote.OfMachine.Service) return ExitCodes.Ok;
        using var manager = new ServiceManager(toChange: true);
        // Somebody else who saw it end, such as the restart manager of Windows, may have been faster.
        if (manager.Find() is { State: "stopped" }) await manager.StartAsync(context.Time, stop);
        StoppedNote.OfMachine.Clear();
        await context.Out.WriteLineAsync($"the service {WindowsService.Name} runs again");
        return ExitCodes.Ok;
    }

    private async Task<int> LeaveServiceAsync(CancellationToken stop)
    {
        if (IsUpgrade) return ExitCodes.Ok;
        StoppedNote.OfMachine.Clear();
        using (var manager = new ServiceManager(toChange: false))
        {
            if (manager.Find() is not { } found || !PackageProcesses.IsOwn(found.CommandLine)) return ExitCodes.Ok;
        }

        return await new WindowsServiceCommand(new ServiceScope(system: true, context), context).RemoveAsync(stop) ? ExitCodes.Ok : ExitCodes.NeedsUser;
    }

    private Task<int> UpgradeAsync(CancellationToken stop)
    {
        StoppedNote.OfUser.Upgrade = context.Time.GetUtcNow();
        return StopAsync(stop);
    }

    private async Task<int> StopAsync(CancellationToken stop)
    {
        var note = StoppedNote.OfUser;
        if (PackageProcesses.CloseTray(EndPatience))
        {
            note.Tray = true;
            await context.Out.WriteLineAsync("the tray has ended");
        }

        var registry = new MountRegistry(StateFolder.Runtime(context.Environment));
        foreach (var state in registry.All().Select(entry => entry.State).Append(StateFolder.Default(context.Environment)).Distinct(StringComparer.OrdinalIgnoreCase))
            await StopAgentAsync(state, note, stop);
        if (DemoStore.Of(context).TryKill(PackageProcesses.IsOwnProcess))
        {
            note.Demo = true;
            await context.Out.WriteLineAsync("the store of the demo has ended");
        }

        var left = PackageProcesses.Others();
        foreach (var process in left)
            await context.Out.WriteLineAsync($"{PackageProcesses.Program} (pid {process}) still runs, such as \"syncagent put\" in a terminal: end it, or this computer has to be restarted for the new version.");
        return left.Count == 0 ? ExitCodes.Ok : ExitCodes.NeedsUser;
    }

    private async Task StopAgentAsync(string state, StoppedNote note, CancellationToken stop)
    {
        using var client = await ControlClient.TryConnectAsync(state, stop);
        if (client is null || !PackageProcesses.IsOwnProcess(client.Address.Pid)) return;
        var drives = (await client.GetStatusAsync(stop)).Drives.Select(drive => drive.MountPoint).ToList();
        // Written before the first one goes: who is killed in between can be started all the same.
        note.Drives = [.. note.Drives.Union(drives, StringComparer.OrdinalIgnoreCase)];
        foreach (var drive in drives) await context.Out.WriteLineAsync(UnmountText.Of(await client.UnmountAsync(drive, patience: null, stop)));
        // Without a drive it has nothing to do, and nothing to lose: it only waits for somebody to set one up on the page.
        if (drives.Count == 0) PackageProcesses.Kill(client.Address.Pid);
        if (!await StuckAgent.EndedAsync(client.Address.Pid, EndPatience, context.Time, stop))
            await context.Out.WriteLineAsync($"the agent of {state} (pid {client.Address.Pid}) is still ending");
    }

    private async Task<int> StartAsync(CancellationToken stop)
    {
        var note = StoppedNote.OfUser;
        var (drives, tray, demo) = (note.Drives, note.Tray, note.Demo);
        note.Clear();
        if (demo) await DemoStore.Of(context).EnsureAsync(stop);
        var code = drives.Count == 0 ? ExitCodes.Ok : await MountAsync(drives);
        if (tray) Process.Start(new ProcessStartInfo(PackageProcesses.Tray) { UseShellExecute = true })?.Dispose();
        return code;
    }

    private async Task<int> MountAsync(IReadOnlyList<string> drives)
    {
        var config = Config();
        var known = File.Exists(config) ? ConfigFile.Read(config).Drives.Select(drive => drive.MountPoint).ToList() : [];
        var code = ExitCodes.Ok;
        if (known.Intersect(drives, StringComparer.OrdinalIgnoreCase).Any()) code = await CommandLine.RunAsync(["mount", "--config", config], context);
        var byHand = drives.Except(known, StringComparer.OrdinalIgnoreCase).ToList();
        if (byHand.Count == 0) return code;
        await context.Out.WriteLineAsync($"not mounted again, because {config} does not have it: {string.Join(", ", byHand)}. Give its mount line again; what is not sent goes on then.");
        return ExitCodes.NeedsUser;
    }

    private async Task<int> LeaveAsync(CancellationToken stop)
    {
        if (IsUpgrade) return ExitCodes.Ok;
        StoppedNote.OfUser.Clear();
        var config = Config();
        var states = new List<string> { StateFolder.Default(context.Environment) };
        if (File.Exists(config) && ConfigFile.Read(config).State is { } configured) states.Insert(0, Path.TrimEndingDirectorySeparator(configured));
        LogonStart.Leave();
        var allSent = true;
        foreach (var state in states.Distinct(StringComparer.OrdinalIgnoreCase).Where(Directory.Exists))
        {
            await context.Out.WriteLineAsync($"your state stays in {state}{(File.Exists(config) ? $", your configuration in {config}" : "")}");
            var left = OnlyHere.Find(state, context.Time) ?? ["an agent still works on it"];
            foreach (var line in left) await context.Out.WriteLineAsync(line.AsMemory(), stop);
            allSent &= left.Count == 0;
        }

        if (!allSent) await context.Out.WriteLineAsync("Install SyncAgent again and mount the drive: it goes on.");
        return allSent ? ExitCodes.Ok : ExitCodes.NeedsUser;
    }

    // That which is mounted at logon, or else the usual one.
    private string Config() =>
        (LogonStart.Read() is { } line ? WindowsServicePlan.ConfigOf(line) : null) ?? new ServiceScope(system: false, context).DefaultConfig;
}
