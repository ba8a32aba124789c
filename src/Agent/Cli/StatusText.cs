using System.Globalization;
using System.Text;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Core;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Cli;

/// <summary>A status picture as lines for people.</summary>
internal static class StatusText
{
    private const int MaxLines = 20;
    private const int BarWidth = 20;

    /// <summary>The whole picture.</summary>
    /// <param name="status">The picture.</param>
    /// <param name="colours">Colours, or null for none.</param>
    public static string Of(StatusSnapshot status, Paint? colours = null)
    {
        var paint = colours ?? Paint.None;
        var text = new StringBuilder();
        text.Line($"{Headline(status, paint)}");
        if (status.DiskProblem is { } problem) text.Line($"  {paint.Bad("disk:")} {problem}");
        if (status.ReadOnlyReason is { } reason) text.Line($"  {paint.Bad("read-only:")} {reason}");
        if (status.Recovery is { } recovery) text.Line($"  {recovery}");
        if (status.StateWarning is { } warning) text.Line($"  {paint.Warn(warning)}");
        if (status.Limits is { } limits && (limits.Upload > 0 || limits.Download > 0 || limits.UploadByHand || limits.DownloadByHand || limits.NextChange is not null))
            text.Line($"  {LimitsCommand.Describe(limits)}");
        foreach (var drive in status.Drives) AddDrive(text, drive, paint);
        if (status.Drives.Count == 0) text.Line($"  no drives");
        text.Line($"{paint.Faint(string.Create(CultureInfo.InvariantCulture, $"agent {status.Agent.Version.Split('+')[0]}, pid {status.Agent.Pid}, since {status.Agent.Started.UtcDateTime:u}, state {status.Agent.State}"))}");
        return text.ToString();
    }

    /// <summary>The state of all and a line per drive.</summary>
    public static string Brief(StatusSnapshot status, Paint paint)
    {
        var text = new StringBuilder();
        text.Line($"{Headline(status, paint)}");
        foreach (var drive in status.Drives)
            text.Line($"  {paint.Strong(Printable.Of(drive.MountPoint))}  {Word(drive.State, paint)}  {FilesOf(drive)}");
        return text.ToString();
    }

    /// <summary>A drive in one line, for logs.</summary>
    public static string Line(DriveStatus drive)
    {
        var sending = drive.Active.Select(file => $"{Printable.Of(file.Key)} {Percent(file.Sent, file.Total)} %");
        return $"{drive.MountPoint}: {HealthOf(drive.Health)}; {FilesOf(drive)}"
            + (drive.DeletesPending > 0 ? $", {drive.DeletesPending} deletes" : "") + (drive.DeletesHeld > 0 ? $" ({drive.DeletesHeld} to be confirmed)" : "")
            + (drive.Active.Count > 0 ? $"; {VerbFor(drive)} {string.Join(", ", sending.Take(3))}" : "");
    }

    /// <summary>One file with its state and reason.</summary>
    public static string Of(FileReport file) =>
        $"{StateNames.Of(file.State)}: {Printable.Of(file.Path)}{(file.Reason is { } reason ? $": {Printable.Of(reason)}" : "")}";

    private static string Headline(StatusSnapshot status, Paint paint)
    {
        var totals = status.Totals;
        var parts = new List<string>();
        if (totals.Problems > 0) parts.Add(paint.Bad(string.Create(CultureInfo.InvariantCulture, $"{totals.Problems:N0} {(totals.Problems == 1 ? "needs" : "need")} you")));
        var waiting = totals.Queued + totals.Uploading;
        if (waiting > 0)
        {
            var left = Math.Max(0, totals.PendingBytes - totals.SentBytes);
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{waiting:N0} {(waiting == 1 ? "file" : "files")} to send, {ByteSize.Format(left)} left"));
            if (status.Speed.Upload > 0 && left > 0) parts.Add($"about {Span(TimeSpan.FromSeconds((double)left / status.Speed.Upload))}");
            if (status.Speed.Upload > 0) parts.Add($"up {ByteSize.Format(status.Speed.Upload)}/s");
        }

        if (totals.Held > 0) parts.Add(paint.Warn(string.Create(CultureInfo.InvariantCulture, $"{totals.Held:N0} held")));
        if (parts.Count == 0) parts.Add(status.Drives.Count == 0 ? "nothing is mounted" : status.State == SyncStates.Idle ? "everything is in the bucket" : "no file waits");
        if (status.Speed.Download > 0) parts.Add($"down {ByteSize.Format(status.Speed.Download)}/s");
        return $"{Word(status.State, paint)}: {string.Join(", ", parts)}";
    }

    private static void AddDrive(StringBuilder text, DriveStatus drive, Paint paint)
    {
        text.Line($"{paint.Strong(Printable.Of(drive.MountPoint))}  {Word(drive.State, paint)}{(drive.Mounted ? "" : paint.Warn(" (not mounted)"))}{(drive.ReadOnly ? " (read-only)" : "")}");
        var isWell = drive.Health.State is "ok" or "paused" or "unknown";
        text.Line($"  {drive.Store}: {drive.Bucket}{(drive.Prefix.Length > 0 ? $"/{drive.Prefix}" : "")} at {drive.EndpointHost}, {(isWell ? HealthOf(drive.Health) : paint.Bad(HealthOf(drive.Health)))}");
        if (drive.Files.Count > 0) text.Line($"  files: {FilesOf(drive)}");
        if (drive.PendingBytes > 0 || drive.PendingFolders > 0 || drive.DeletesPending > 0)
            text.Line($"  pending: {ByteSize.Format(drive.PendingBytes)}, {drive.PendingFolders} folders, {drive.DeletesPending} deletes");
        if (drive.DeletesHeld > 0)
            text.Line($"  {paint.Bad($"{drive.DeletesHeld} deletes wait for you")}: see \"syncagent deletes list\", then \"deletes confirm\" or \"deletes restore\"");
        if (drive.HiddenKeys > 0) text.Line($"  {drive.HiddenKeys} keys cannot be shown: syncagent ls --hidden");
        if (drive.Verify is { } verify && Describe(verify, paint) is { } verified) text.Line($"  verify: {verified}");
        foreach (var file in drive.Active.Take(MaxLines)) text.Line($"  {Of(file, drive, paint)}");
        if (drive.Active.Count > MaxLines) text.Line($"  and {drive.Active.Count - MaxLines} more");
        AddProblems(text, drive, paint);
    }

    // What was found in order is no news.
    private static string? Describe(VerifyStatus verify, Paint paint)
    {
        var progress = verify.Progress;
        var found = verify.Differences == 0 ? "" : paint.Bad(string.Create(CultureInfo.InvariantCulture, $"{verify.Differences:N0} not as confirmed"));
        return verify.State switch
        {
            VerifyState.Running => string.Create(CultureInfo.InvariantCulture, $"{progress.Objects:N0} of {progress.Total:N0} objects compared{(found.Length > 0 ? ", " : "")}{found}"),
            VerifyState.Failed => $"{paint.Bad("broke off")}: {verify.Error}",
            _ when found.Length > 0 => $"{found}: see \"syncagent open\", or \"syncagent verify\" again",
            _ => null,
        };
    }

    private static void AddProblems(StringBuilder text, DriveStatus drive, Paint paint)
    {
        foreach (var problem in drive.Problems.Take(MaxLines))
        {
            text.Line($"  {StateNames.Paint(StateNames.Of(problem.State), problem.State, paint)}: {Printable.Of(problem.Path)}");
            if (problem.Reason is { } reason) text.Line($"    {Printable.Of(reason)}");
        }

        if (drive.ProblemCount > Math.Min(MaxLines, drive.Problems.Count))
            text.Line($"  and {drive.ProblemCount - Math.Min(MaxLines, drive.Problems.Count)} more need you");
        var states = drive.Problems.Select(problem => problem.State).ToHashSet();
        if (states.Overlaps([FileState.Failed, FileState.Conflict])) text.Line($"  {paint.Faint("When that is done: syncagent retry")}");
        if (states.Overlaps([FileState.Interrupted, FileState.Incomplete])) text.Line($"  {paint.Faint("Keep or discard what is there: syncagent interrupted accept PATH, or discard PATH")}");
    }

    private static string Of(ActiveFile file, DriveStatus drive, Paint paint)
    {
        var percent = Percent(file.Sent, file.Total);
        var done = (int)(percent * BarWidth / 100);
        var bar = paint.Busy(new string('#', done)) + paint.Faint(new string('-', BarWidth - done));
        var name = file.Path is { } path && DrivePaths.IsWithin(path, drive.MountPoint) ? DrivePaths.Below(drive.MountPoint, path) : file.Key;
        var speed = file.BytesPerSecond > 0 ? $"{ByteSize.Format(file.BytesPerSecond)}/s" : "";
        var left = file.EtaSeconds is { } seconds ? $"{Span(TimeSpan.FromSeconds(seconds))} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{VerbFor(drive)} [{bar}] {percent,3} % of {ByteSize.Format(file.Total),-10} {speed,-12} {left,-15}  {Printable.Of(name)}");
    }

    private static string FilesOf(DriveStatus drive) => string.Join(
        ", ", drive.Files.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value:N0} {StateNames.Of(pair.Key)}")).DefaultIfEmpty("no files"));

    private static string Word(string state, Paint paint) => state switch
    {
        SyncStates.Attention => paint.Bad(state),
        SyncStates.Offline or SyncStates.Paused => paint.Warn(state),
        SyncStates.Syncing => paint.Busy(state),
        _ => paint.Good(state),
    };

    private static string Span(TimeSpan span) => span switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
        { TotalHours: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalHours):0} h {span.Minutes} min"),
        { TotalMinutes: >= 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(span.TotalMinutes):0} min {span.Seconds} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, span.TotalSeconds):0} s"),
    };

    private static long Percent(long sent, long total) => new SendingProgress(sent, total).Percent;

    private static string VerbFor(DriveStatus drive) => drive.Health.State == "paused" ? "holding" : "sending";

    private static string HealthOf(StoreHealth health) =>
        health.State + (health.Since is { } since && health.State is not ("ok" or "unknown") ? $" since {since.UtcDateTime:u}" : "")
        + (health.Error is { } error ? $": {error}" : "");

    private static void Line(this StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
