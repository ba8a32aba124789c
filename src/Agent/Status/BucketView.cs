using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Fs.Core;

namespace SyncAgent.Agent.Status;

/// <summary>How mounted drives see their buckets: what is looked at again on demand, and what cannot be shown.</summary>
internal sealed class BucketView(AgentHost host)
{
    /// <summary>Lists a folder again; all drives' top folders when no path is given.</summary>
    /// <exception cref="CommandException">No drive has this path, or the store does not answer.</exception>
    public async Task<RefreshAnswer> RefreshAsync(string? path, bool recursive, CancellationToken cancellationToken)
    {
        var drives = host.Drives.Where(drive => path is null || DrivePaths.IsWithin(path, drive.Row.MountPoint)).ToList();
        if (drives.Count == 0) throw new CommandException(ExitCodes.NeedsUser, path is null ? "no drive is mounted." : $"{path} is in no mounted drive.");
        long folders = 0;
        foreach (var drive in drives)
        {
            var listed = await drive.RefreshAsync(path is null ? "" : DrivePaths.Below(drive.Row.MountPoint, path), recursive, cancellationToken);
            if (listed.Error is { } error) throw new CommandException(ExitCodes.NeedsUser, $"{path ?? drive.Row.MountPoint}: {error.Message}");
            folders += listed.Value;
        }

        return new RefreshAnswer(folders);
    }

    /// <summary>What is pinned in the mounted drives.</summary>
    public PinsAnswer Pins() => new([.. host.Drives.SelectMany(drive => drive.ReadPins().Select(pin => Describe(drive, pin)))]);

    /// <summary>Pins or unpins a path.</summary>
    /// <exception cref="CommandException">No drive has this path, or it is not there, or not pinned.</exception>
    public async Task<PinStatus> ChangePinAsync(string path, bool pinned, CancellationToken cancellationToken)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var changed = pinned ? await drive.PinAsync(below, cancellationToken) : drive.Unpin(below);
        if (changed.Error is { Kind: FsErrorKind.NotFound } && !pinned)
            throw new CommandException(ExitCodes.NeedsUser, $"{path} itself is not pinned; \"syncagent pins\" lists what is.");
        if (changed.Error is { } error) throw new CommandException(ExitCodes.NeedsUser, $"{path}: {error.Message}");
        return Describe(drive, drive.ReadPins().FirstOrDefault(pin => pin.Path == below) ?? new PinReport(below, 0, 0, 0, null) { Complete = false });
    }

    /// <summary>Decides about an interrupted or incomplete file.</summary>
    /// <exception cref="CommandException">No drive has this path, or there is nothing to decide.</exception>
    public async Task SettleInterruptedAsync(string path, bool accept, CancellationToken cancellationToken)
    {
        var (drive, below) = MountedDrives.Find(host, path);
        var done = await drive.SettleInterruptedAsync(below, accept, cancellationToken);
        if (done.Error is { } error)
            throw new CommandException(ExitCodes.NeedsUser, $"{path}: {error.Message}; \"syncagent interrupted list\" shows what waits for you.");
    }

    private static PinStatus Describe(ILiveDrive drive, PinReport pin) => new(
        NodeStates.Absolute(drive.Row, pin.Path), pin.Files, pin.Bytes, pin.MissingBytes, pin.Complete, pin.Error);

    /// <summary>The keys that mounted drives cannot show.</summary>
    public HiddenAnswer Hidden()
    {
        var reports = host.Drives.Select(drive => (drive.Row.MountPoint, Report: drive.ReadHidden())).ToList();
        return new HiddenAnswer(
            [.. reports.SelectMany(drive => drive.Report.Sample.Select(hidden => new HiddenObject(drive.MountPoint, hidden.Key, hidden.Reason)))],
            reports.Sum(drive => drive.Report.Count));
    }
}
