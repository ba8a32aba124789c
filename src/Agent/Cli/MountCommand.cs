using System.CommandLine;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent mount</c>: starts an agent, or adds drives to the live one of the state folder.</summary>
internal static class MountCommand
{
    /// <summary>Says that the process was started detached by another: it lives for its drives only.</summary>
    public const string DetachedOption = "--detached";

    public static Command Build(CliContext context)
    {
        var folder = new Argument<string?>("DIR") { Description = "Where to mount; made when missing", Arity = ArgumentArity.ZeroOrOne };
        var config = new Option<string>("--config") { Description = "Configuration file (JSON) with drives and options", HelpName = "FILE" };
        var foreground = new Option<bool>("--foreground") { Description = "Stay until SIGTERM or SIGINT, which unmount" };
        var detached = new Option<bool>(DetachedOption) { Hidden = true };
        var command = new Command("mount", "Mounts a bucket as a folder. The same line after a crash goes on where it stopped.")
        {
            folder, config, foreground, detached,
        };
        GivenOptions.AddTo(command, DriveKeys.ReadOnly, DriveKeys.AllowOther);
        TargetOptions.AddTo(command);
        EngineOptions.AddTo(command);
        GivenOptions.AddTo(command, AgentKeys.StopTimeout, AgentKeys.InhibitShutdown);
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command, "For scripts: a line per drive, as the status API has it");
        command.Validators.Add(result =>
        {
            if (result.GetValue(folder) is null && result.GetValue(config) is null) result.AddError("mount: name a folder (DIR), or drives in a --config file.");
            if (result.GetValue(folder) is { Length: 0 }) result.AddError("mount: DIR is empty.");
        });
        command.SetAction(async (parsed, stop) =>
        {
            var plan = Plan();
            if (parsed.GetValue(foreground) || parsed.GetValue(detached))
                return await AgentProcess.RunAsync(plan, parsed.GetValue(detached), context, stop);
            return await DetachedStart.RunAsync(plan, parsed.GetValue(json), context, stop);

            MountPlan Plan()
            {
                var mistakes = new List<string>();
                var given = new GivenOptions(parsed, mistakes);
                var file = parsed.GetValue(config) is { } path ? ConfigFile.Read(path) : ConfigFile.Empty;
                var stateFolder = StateOption.Read(parsed, state, context, file.State);
                var settings = EngineOptions.Read(given).Or(file.Engine);
                var agent = AgentSettings.Read(given).Or(file.Agent);
                IReadOnlyList<DriveSettings> drives = [.. file.Drives.Select(drive => drive with { Target = TargetOptions.ApplyAccess(parsed, drive.Target, mistakes) })];
                if (parsed.GetValue(folder) is { } there)
                {
                    var mountPoint = DrivePaths.Normalise(there);
                    if (TargetOptions.AnyGiven(parsed) || parsed.GetValue(config) is null)
                    {
                        var checkedTarget = TargetOptions.Read(parsed, mistakes);
                        drives = checkedTarget is null
                            ? []
                            : [new DriveSettings(mountPoint, checkedTarget, given.Flag(DriveKeys.ReadOnly), given.Flag(DriveKeys.AllowOther))];
                        DriveValidator.CheckMountPoint(mountPoint, stateFolder, "DIR", mistakes);
                        if (checkedTarget is null && TargetOptions.MissingKeys(parsed, context.Environment) is { } missing) mistakes.Add(missing);
                    }
                    else
                    {
                        drives = [.. drives.Where(drive => drive.MountPoint == mountPoint)];
                        if (drives.Count == 0) mistakes.Add($"DIR: {parsed.GetValue(config)} has no drive at {mountPoint}.");
                    }
                }

                if (drives.Count == 0 && mistakes.Count == 0) mistakes.Add("--config: no drives in it.");
                if (parsed.GetValue(config) is not null)
                    foreach (var drive in drives) DriveValidator.CheckMountPoint(drive.MountPoint, stateFolder, "mount", mistakes);
                mistakes.AddRange(drives.Select(drive => Credentials.Missing(drive.Target, context.Environment)).OfType<string>().Distinct());
                return mistakes.Count == 0 ? new MountPlan(stateFolder, drives, settings) { Agent = agent, Config = parsed.GetValue(config) is { } from ? Path.GetFullPath(from) : null } : throw CommandException.Configuration(mistakes);
            }
        });
        return command;
    }
}
