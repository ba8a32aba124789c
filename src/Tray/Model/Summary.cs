using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Model;

/// <summary>One line that says how it stands: of everything for the tooltip, of one drive for the menu.</summary>
internal static class Summary
{
    /// <summary>What is said while no agent answers.</summary>
    public const string NotRunning = "the agent is not running";

    /// <summary>Of everything.</summary>
    public static string Of(StatusSnapshot status) => status.State switch
    {
        AgentState.Attention => Joined(NeedsYou(status), OnTheirWay(status)),
        AgentState.Offline => Joined(status.Drives.Any(IsRefused) ? "the store refuses" : "the store is away", Waiting(status.Pending)),
        AgentState.Paused => Joined("paused", Waiting(status.Pending)),
        AgentState.Syncing => OnTheirWay(status) ?? "working",
        _ => "up to date",
    };

    /// <summary>Of a drive.</summary>
    public static string Of(DriveStatus drive)
    {
        if (!drive.Mounted) return Joined("not mounted", Waiting(drive.Pending));
        return drive.State switch
        {
            AgentState.Attention => drive.ProblemCount > 1 ? $"{drive.ProblemCount} need you" : "needs you",
            AgentState.Offline => Joined(IsRefused(drive) ? "store refuses" : "store away", Waiting(drive.Pending)),
            AgentState.Paused => Joined("paused", Waiting(drive.Pending)),
            AgentState.Syncing => drive.Pending > 0 ? $"{drive.Pending} to go" : "working",
            _ => "up to date",
        };
    }

    /// <summary>What is asked before a tray with work pending is ended; null when there is none.</summary>
    public static string? WarningAtQuit(StatusSnapshot status) => status.Pending == 0
        ? null
        : $"{Words.Count(status.Pending, "file")} ({Words.Size(status.Totals.PendingBytes)}) still pending. "
            + (status.State == AgentState.Paused ? "The agent keeps them, paused" : "The agent goes on sending them")
            + "; only this icon goes away.";

    private static string NeedsYou(StatusSnapshot status)
    {
        if (status.ReadOnlyReason is not null) return "read-only";
        if (status.DiskProblem is not null) return "a problem with the disk";
        if (status.Totals.Problems > 0) return $"{Words.Count(status.Totals.Problems, "file")} {(status.Totals.Problems == 1 ? "needs" : "need")} you";
        return status.Drives.Any(drive => drive.DeletesHeld > 0) ? "a mass deletion waits for you" : "something needs you";
    }

    private static string? OnTheirWay(StatusSnapshot status)
    {
        var totals = status.Totals;
        if (totals.Uploading + totals.Queued == 0) return null;
        return Joined(
            totals.Uploading > 0 ? $"{totals.Uploading} uploading" : null, Waiting(totals.Queued),
            status.Speed.Upload > 0 ? $"{Words.Size(status.Speed.Upload)}/s" : null);
    }

    private static bool IsRefused(DriveStatus drive) => drive.Health.State == "refused";

    private static string? Waiting(long count) => count == 0 ? null : $"{count} waiting";

    private static string Joined(params string?[] parts) => string.Join(", ", parts.Where(part => part is not null));
}
