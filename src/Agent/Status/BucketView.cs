using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Status;

/// <summary>How mounted drives see their buckets: what is looked at again on demand, and what cannot be shown.</summary>
internal sealed class BucketView(AgentHost host)
{
    /// <summary>Lists a folder again; all drives' top folders when no path is given.</summary>
    /// <exception cref="CommandException">No drive has this path, or the store does not answer.</exception>
    public async Task<RefreshAnswer> RefreshAsync(string? path, bool recursive, CancellationToken cancellationToken)
    {
        var drives = host.Drives.Where(drive => path is null || DriveValidator.IsWithin(path, drive.Row.MountPoint)).ToList();
        if (drives.Count == 0) throw new CommandException(ExitCodes.NeedsUser, path is null ? "no drive is mounted." : $"{path} is in no mounted drive.");
        long folders = 0;
        foreach (var drive in drives)
        {
            var listed = await drive.RefreshAsync(path?[drive.Row.MountPoint.Length..] ?? "", recursive, cancellationToken);
            if (listed.Error is { } error) throw new CommandException(ExitCodes.NeedsUser, $"{path ?? drive.Row.MountPoint}: {error.Message}");
            folders += listed.Value;
        }

        return new RefreshAnswer(folders);
    }

    /// <summary>The keys that mounted drives cannot show.</summary>
    public HiddenAnswer Hidden()
    {
        var reports = host.Drives.Select(drive => (drive.Row.MountPoint, Report: drive.ReadHidden())).ToList();
        return new HiddenAnswer(
            [.. reports.SelectMany(drive => drive.Report.Sample.Select(hidden => new HiddenObject(drive.MountPoint, hidden.Key, hidden.Reason)))],
            reports.Sum(drive => drive.Report.Count));
    }
}
