using SyncAgent.Agent.Status;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Cli;

/// <summary>The command that helps most now, and why.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Why">What it is for, in a few words.</param>
internal sealed record NextCommand(string Command, string Why)
{
    /// <summary>For an agent.</summary>
    public static NextCommand Of(StatusSnapshot status)
    {
        var drives = status.Drives;
        if ((status.DiskProblem ?? status.ReadOnlyReason) is not null) return new("syncagent doctor", "looks at the disk and everything else");
        if (drives.Any(drive => drive.DeletesHeld > 0)) return new("syncagent deletes list", "shows the many removals that wait for your word");
        if (Any(FileState.Interrupted, FileState.Incomplete)) return new("syncagent interrupted list", "shows files that were cut short; keep or discard them");
        if (Any(FileState.Failed, FileState.Conflict)) return new("syncagent status", "says what each file needs; then \"syncagent retry\"");
        if (drives.Any(drive => drive.Health.State == "refused")) return new("syncagent doctor", "finds out what the store does not like");
        if (drives.Any(drive => drive.Health.State == "paused")) return new("syncagent resume", "lets the uploads go on");
        if (drives.Any(drive => !drive.Mounted)) return new($"syncagent mount {drives.First(drive => !drive.Mounted).MountPoint} ...", "goes on with what this drive has pending");
        if (drives.Count == 0) return new("syncagent init", "sets up a drive");
        if (Any(FileState.Uploading, FileState.Queued, FileState.Closing)) return new("syncagent status --watch", "shows the uploads as they go");
        return new("syncagent open", "opens the status page");

        bool Any(params FileState[] states) => drives.Any(drive => states.Any(drive.Files.ContainsKey));
    }

    /// <summary>Where no agent runs.</summary>
    /// <param name="config">Path of the user's configuration file.</param>
    public static NextCommand WithoutAgent(string config) => File.Exists(config)
        ? new($"syncagent mount --config {config}", "mounts your drives")
        : new("syncagent init", "sets up a drive; with --demo it needs no account");
}
