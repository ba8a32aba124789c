using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Setup;

/// <summary>Where an agent keeps the drives that are set up while it runs.</summary>
/// <param name="Config">Its configuration file, absolute; made with the first drive.</param>
/// <param name="DefaultState">The state folder of a file that names none.</param>
/// <param name="Environment">The agent's environment.</param>
internal sealed record SetupHome(string Config, string DefaultState, Func<string, string?> Environment);

/// <summary>Tries buckets for an agent that runs, and adds drives to it: to its configuration file, so that they are there after a restart,
/// and to its mounts.</summary>
/// <param name="host">The agent.</param>
/// <param name="home">Where its drives are kept.</param>
internal sealed class DriveAdder(AgentHost host, SetupHome home)
{
    private int _isAdding;

    /// <summary>Tries a bucket with the keys that come with it; an object is written there and deleted again.</summary>
    public Task<SetupReport> TryAsync(TargetSettings target, StoreCredentials keys, CancellationToken cancellationToken) =>
        StoreTrial.RunAsync(target, new StaticCredentials(keys), host.Time, cancellationToken);

    /// <summary>Tries a bucket, writes the drive and its keys down, and mounts it; one that cannot be mounted is taken out again.</summary>
    /// <returns>The mount point.</returns>
    /// <exception cref="CommandException">The bucket does not do, the drive does not fit beside the others, or cannot be mounted.</exception>
    public async Task<string> AddAsync(TargetSettings target, SetupRequest request, string mountPoint, CancellationToken cancellationToken)
    {
        var report = await TryAsync(target, request.Credentials!, cancellationToken);
        if (!report.Ok)
        {
            var wrong = report.Checks.First(check => !check.Ok && check.Name != StoreTrial.Clock);
            throw new CommandException(ExitCodes.NeedsUser, $"{wrong.Detail}. {wrong.Remedy}".TrimEnd());
        }

        if (Interlocked.Exchange(ref _isAdding, 1) != 0) throw new CommandException(ExitCodes.NeedsUser, "another drive is just being set up; try again in a moment.");
        try
        {
            RefuseOtherState();
            var before = File.Exists(home.Config) ? await File.ReadAllTextAsync(home.Config, cancellationToken) : null;
            var config = DriveSetup.Add(new DrivePlan(home.Config, mountPoint, target)
            {
                Keys = request.Credentials,
                Profile = string.IsNullOrWhiteSpace(request.Name) ? target.Bucket : request.Name.Trim(),
                State = host.Journal.Folder == home.DefaultState ? null : host.Journal.Folder,
            });
            await MountAsync(config, mountPoint, before);
            return mountPoint;
        }
        finally
        {
            Volatile.Write(ref _isAdding, 0);
        }
    }

    // Once it is written down it is carried through, whoever goes away meanwhile.
    private async Task MountAsync(ConfigFile config, string mountPoint, string? before)
    {
        var drive = config.Drives.Single(drive => drive.MountPoint == mountPoint);
        try
        {
            await host.MountAsync(drive, config.Engine, new EnvironmentCredentials(home.Environment, Credentials.VariablesOf(drive.Target.Store)), CancellationToken.None);
        }
        catch
        {
            if (before is null) File.Delete(home.Config);
            else ConfigText.Replace(home.Config, before);
            throw;
        }
    }

    private void RefuseOtherState()
    {
        if (!File.Exists(home.Config)) return;
        var state = Path.TrimEndingDirectorySeparator(ConfigFile.Read(home.Config).State ?? home.DefaultState);
        if (state != host.Journal.Folder)
            throw new CommandException(ExitCodes.Configuration, $"{home.Config} is for the state folder {state}, and this agent works on {host.Journal.Folder}: add the drive with \"syncagent init --config FILE\".");
    }
}
