using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent service install</c>: everything is checked before anything is written.</summary>
internal sealed class ServiceInstall(ServiceScope scope, CliContext context)
{
    private const UnixFileMode ForAllToRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Needed to start a program that was built for a .NET installed elsewhere.</summary>
    private const string DotnetRoot = "DOTNET_ROOT";

    public async Task<int> RunAsync(string? config, string? environmentFile, CancellationToken stop)
    {
        await scope.CheckAsync(stop);
        var unit = Plan(Path.GetFullPath(config ?? scope.DefaultConfig), environmentFile is null ? null : Path.GetFullPath(environmentFile), out var drives);
        var before = await scope.ShowAsync(["ActiveState"], stop);
        var wasActive = before.GetValueOrDefault("ActiveState") == "active";
        if (!wasActive && AgentLock.IsHeld(unit.State))
            throw new CommandException(ExitCodes.NeedsUser, $"an agent works on {unit.State} already: unmount its drives first, then install the service.");

        var existed = File.Exists(scope.UnitFile);
        Directory.CreateDirectory(Path.GetDirectoryName(scope.UnitFile)!);
        AtomicFile.Write(scope.UnitFile, unit.Render());
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(scope.UnitFile, ForAllToRead);
        await scope.DoAsync(["daemon-reload"], stop);
        await scope.DoAsync(["enable", SystemdUnit.Name], stop);
        // Of one that runs: the new program or configuration takes over, once programs have closed what they write.
        await scope.DoAsync(["restart", SystemdUnit.Name], stop);
        await context.Out.WriteLineAsync($"{SystemdUnit.Name} is {(existed ? "upgraded" : "installed")} and runs ({scope.UnitFile}); its state is in {unit.State}");
        foreach (var drive in drives) await context.Out.WriteLineAsync($"{drive.MountPoint} is mounted");
        if (!scope.IsSystem) await HintAtLingerAsync(stop);
        return ExitCodes.Ok;
    }

    private SystemdUnit Plan(string config, string? environmentFile, out IReadOnlyList<DriveSettings> drives)
    {
        var file = ConfigFile.Read(config);
        drives = file.Drives;
        var state = Path.TrimEndingDirectorySeparator(file.State ?? scope.DefaultState);
        var mistakes = new List<string>();
        if (drives.Count == 0) mistakes.Add($"{config}: no drives in it.");
        foreach (var drive in drives) DriveValidator.CheckMountPoint(drive.MountPoint, state, "mount", mistakes);
        var variables = environmentFile is null ? new Dictionary<string, string>() : EnvironmentFile.Read(environmentFile, mistakes);
        foreach (var drive in drives)
        {
            if (Credentials.Missing(drive.Target, variables.GetValueOrDefault) is null) continue;
            var names = Credentials.VariablesOf(drive.Target.Store);
            mistakes.Add(
                environmentFile is null
                    ? $"the drive at {drive.MountPoint} takes its keys from the environment, and a service has none of yours: put {names.KeyId}=... and {names.Secret}=... in a file of mode 600 and name it with --environment-file, or give the drive another source in \"credentials\"."
                    : $"{environmentFile}: the drive at {drive.MountPoint} needs {names.KeyId} and {names.Secret} in it.");
        }

        foreach (var path in (string[])[config, state, .. environmentFile is null ? (string[])[] : [environmentFile]])
        {
            if (path.Any(char.IsControl)) mistakes.Add("a path with a control character cannot stand in a unit file.");
        }

        if (mistakes.Count > 0) throw CommandException.Configuration([.. mistakes.Distinct()]);
        return new SystemdUnit
        {
            System = scope.IsSystem,
            Program = OwnProgram.Find(),
            Config = config,
            State = state,
            EnvironmentFile = environmentFile,
            Variables = context.Environment(DotnetRoot) is { Length: > 0 } root ? new Dictionary<string, string> { [DotnetRoot] = root } : [],
            Needs = [Path.GetDirectoryName(config)!, state, .. drives.Select(drive => Path.GetDirectoryName(drive.MountPoint)!)],
            StopTimeout = file.Agent.StopTimeout ?? AgentSettings.DefaultStopTimeout,
        };
    }

    private async Task HintAtLingerAsync(CancellationToken stop)
    {
        try
        {
            var linger = await context.RunProgram("loginctl", ["show-user", Environment.UserName, "--property=Linger", "--value"], stop);
            if (linger.Output.Trim() == "yes") return;
        }
        catch (IOException)
        {
            // without loginctl nobody can tell; the hint is right all the same
        }

        await context.Out.WriteLineAsync($"It starts when you log in and ends when you log out. To have it from boot on: loginctl enable-linger {Environment.UserName}");
    }
}
