using System.Globalization;
using System.Text;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>A status picture as lines for people.</summary>
internal static class StatusText
{
    private const int MaxLines = 20;

    /// <summary>The whole picture.</summary>
    public static string Of(StatusSnapshot status)
    {
        var text = new StringBuilder();
        text.Line($"agent {status.Agent.Version}, pid {status.Agent.Pid}, since {status.Agent.Started.UtcDateTime:u}, state {status.Agent.State}");
        if (status.DiskProblem is { } problem) text.Line($"  disk: {problem}");
        if (status.ReadOnlyReason is { } reason) text.Line($"  read-only: {reason}");
        if (status.Recovery is { } recovery) text.Line($"  {recovery}");
        if (status.StateWarning is { } warning) text.Line($"  {warning}");
        if (status.Limits is { } limits && (limits.Upload > 0 || limits.Download > 0 || limits.UploadByHand || limits.DownloadByHand || limits.NextChange is not null))
            text.Line($"  {LimitsCommand.Describe(limits)}");
        foreach (var drive in status.Drives) AddDrive(text, drive);
        if (status.Drives.Count == 0) text.Line($"  no drives");
        return text.ToString();
    }

    /// <summary>A line per drive.</summary>
    public static string Brief(StatusSnapshot status, Paint paint)
    {
        var text = new StringBuilder();
        foreach (var drive in status.Drives) text.Line($"{paint.Strong(drive.MountPoint)}  {Line(drive)[(drive.MountPoint.Length + 2)..]}");
        return text.ToString();
    }

    private static void AddDrive(StringBuilder text, DriveStatus drive)
    {
        text.Line($"{drive.MountPoint}{(drive.Mounted ? "" : " (not mounted)")}{(drive.ReadOnly ? " (read-only)" : "")}");
        text.Line($"  {drive.Store}: {drive.Bucket}{(drive.Prefix.Length > 0 ? $"/{drive.Prefix}" : "")} at {drive.EndpointHost}, {HealthOf(drive.Health)}");
        if (drive.Files.Count > 0)
            text.Line($"  files: {string.Join(", ", drive.Files.Select(pair => $"{pair.Value} {pair.Key.ToString().ToLowerInvariant()}"))}");
        if (drive.PendingBytes > 0 || drive.PendingFolders > 0 || drive.DeletesPending > 0)
            text.Line($"  pending: {ByteSize.Format(drive.PendingBytes)}, {drive.PendingFolders} folders, {drive.DeletesPending} deletes");
        if (drive.DeletesHeld > 0)
            text.Line($"  {drive.DeletesHeld} deletes wait for you: see \"syncagent deletes list\", then \"deletes confirm\" or \"deletes restore\"");
        if (drive.HiddenKeys > 0) text.Line($"  {drive.HiddenKeys} keys cannot be shown: syncagent ls --hidden");
        foreach (var file in drive.Active.Take(MaxLines))
            text.Line($"  {VerbFor(drive)} {file.Key}: {ByteSize.Format(file.Sent)} of {ByteSize.Format(file.Total)} ({Percent(file.Sent, file.Total)} %)");
        if (drive.Active.Count > MaxLines) text.Line($"  and {drive.Active.Count - MaxLines} more");
        foreach (var problem in drive.Problems.Take(MaxLines)) text.Line($"  {Of(problem)}");
        if (drive.ProblemCount > Math.Min(MaxLines, drive.Problems.Count))
            text.Line($"  and {drive.ProblemCount - Math.Min(MaxLines, drive.Problems.Count)} more need you");
    }

    /// <summary>A drive in one line, for logs.</summary>
    public static string Line(DriveStatus drive)
    {
        var files = drive.Files.Select(pair => $"{pair.Value} {pair.Key.ToString().ToLowerInvariant()}");
        var sending = drive.Active.Select(file => $"{file.Key} {Percent(file.Sent, file.Total)} %");
        return $"{drive.MountPoint}: {HealthOf(drive.Health)}; {string.Join(", ", files.DefaultIfEmpty("no files"))}"
            + (drive.DeletesPending > 0 ? $", {drive.DeletesPending} deletes" : "") + (drive.DeletesHeld > 0 ? $" ({drive.DeletesHeld} to be confirmed)" : "")
            + (drive.Active.Count > 0 ? $"; {VerbFor(drive)} {string.Join(", ", sending.Take(3))}" : "");
    }

    /// <summary>One file with its state and reason.</summary>
    public static string Of(FileReport file) =>
        $"{file.State.ToString().ToLowerInvariant()}: {file.Path}{(file.Reason is { } reason ? $": {reason}" : "")}";

    /// <summary>Whole per cent, 100 only when nothing is left.</summary>
    public static long Percent(long sent, long total) => total <= 0 || sent >= total ? 100 : (long)((decimal)sent * 100 / total);

    private static string VerbFor(DriveStatus drive) => drive.Health.State == "paused" ? "holding" : "sending";

    private static string HealthOf(StoreHealth health) =>
        health.State + (health.Since is { } since && health.State is not ("ok" or "unknown") ? $" since {since.UtcDateTime:u}" : "")
        + (health.Error is { } error ? $": {error}" : "");

    private static void Line(this StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
