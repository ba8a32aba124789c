using System.Globalization;
using Microsoft.AspNetCore.Http;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Status;

/// <summary>Removed objects that are still to be deleted: shown, confirmed, taken back.</summary>
internal sealed partial class ControlRoutes
{
    private const int MaxDeletesNamed = 100_000;

    private Task ListDeletesAsync(HttpContext context)
    {
        var limit = context.Request.Query["limit"] is [{ Length: > 0 } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given)
            ? Math.Min(given, MaxDeletesNamed)
            : MaxFiles;
        var drives = DrivesOf(context).Select(drive => new DriveDeletes(
            drive.Row.MountPoint, MassDelete.IsHeld(host.Journal, drive.Row.Id), host.Reader.CountRemovedKeys(drive.Row.Id),
            [.. host.Reader.RemovedKeys(drive.Row.Id, "", limit).Select(row => KeyNames.ToPath(row.Key[drive.Row.Prefix.Length..]))]));
        return ReplyAsync(context, new DeletesAnswer([.. drives]), ControlJson.Default.DeletesAnswer);
    }

    private Task DecideDeletesAsync(HttpContext context, bool confirm)
    {
        var drives = DrivesOf(context);
        long count = 0;
        foreach (var drive in drives)
        {
            if (confirm)
            {
                count += host.Reader.CountRemovedKeys(drive.Row.Id);
                drive.ConfirmDeletes();
            }
            else
            {
                count += drive.RestoreDeletes();
            }
        }

        return ReplyAsync(context, new DeletesDone([.. drives.Select(drive => drive.Row.MountPoint)], count), ControlJson.Default.DeletesDone);
    }

    /// <summary>The mounted drives that a request is about: one, or all when it names none.</summary>
    private List<ILiveDrive> DrivesOf(HttpContext context)
    {
        string? mountPoint = context.Request.Query["mount"] is [{ Length: > 0 } given] ? given : null;
        var drives = host.Drives.Where(drive => mountPoint is null || drive.Row.MountPoint == mountPoint).ToList();
        return drives.Count > 0
            ? drives
            : throw new CommandException(ExitCodes.NeedsUser, mountPoint is null ? "no drive is mounted." : $"no drive is mounted at {mountPoint}.");
    }
}
