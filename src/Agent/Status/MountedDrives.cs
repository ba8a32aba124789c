using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Status;

/// <summary>Finds the mounted drives that a request is about.</summary>
internal static class MountedDrives
{
    /// <summary>One drive, or all when none is named.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static IReadOnlyList<ILiveDrive> Of(AgentHost host, string? mountPoint)
    {
        var drives = host.Drives.Where(drive => mountPoint is null || drive.Row.MountPoint == mountPoint).ToList();
        return drives.Count > 0
            ? drives
            : throw new CommandException(ExitCodes.NeedsUser, mountPoint is null ? "no drive is mounted." : $"no drive is mounted at {mountPoint}.");
    }

    /// <summary>The drive that a path is in, and the path below its mount point, without slashes at its ends.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static (ILiveDrive Drive, string Below) Find(AgentHost host, string path)
    {
        var drive = host.Drives.FirstOrDefault(drive => DrivePaths.IsWithin(path, drive.Row.MountPoint))
            ?? throw new CommandException(ExitCodes.NeedsUser, $"{path} is in no mounted drive.");
        return (drive, DrivePaths.Below(drive.Row.MountPoint, path));
    }
}
