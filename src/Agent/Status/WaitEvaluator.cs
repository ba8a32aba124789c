using System.Diagnostics;
using System.Globalization;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Status;

/// <summary>
/// Answers "is it safe?": whether everything, or everything below a path, is confirmed by the bucket: no file on its way, no
/// key to be deleted, no multipart upload left.
/// </summary>
internal sealed class WaitEvaluator(AgentHost host)
{
    /// <summary>Most files named in an answer.</summary>
    public const int MaxFiles = 50;

    private const int PageSize = 500;
    private const ChangeKinds Everything = ChangeKinds.Desired | ChangeKinds.Remote | ChangeKinds.Work;

    /// <summary>A busy answer costs a look at the rows; while the journal changes all the time, looks take at most this share of it.</summary>
    private const int PausePerLook = 4;

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits until nothing under the path goes on by itself any more, or the time is up.</summary>
    /// <param name="path">Absolute path in a drive, or null: everything of the state folder.</param>
    /// <param name="atMost">How long to wait; zero only looks.</param>
    /// <param name="cancellationToken">The client is gone, or the agent ends.</param>
    public async Task<WaitAnswer> WaitAsync(string? path, TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var changes = host.Journal.Feed.Subscribe(Everything);
        var begun = host.Time.GetTimestamp();
        while (true)
        {
            changes.Take();
            var look = Stopwatch.GetTimestamp();
            var answer = Evaluate(path);
            var left = atMost - host.Time.GetElapsedTime(begun);
            if (answer.Outcome != WaitOutcome.Busy || left <= TimeSpan.Zero) return answer;
            await changes.WaitAsync(left, host.Time, cancellationToken);
            var pause = Stopwatch.GetElapsedTime(look) is var took && took * PausePerLook > ShortestPause ? took * PausePerLook : ShortestPause;
            left = atMost - host.Time.GetElapsedTime(begun);
            if (left > TimeSpan.Zero) await Task.Delay(pause < left ? pause : left, host.Time, cancellationToken);
        }
    }

    /// <summary>How it stands now, by rows of one moment: a file whose last writer leaves between two questions would be neither open nor pending, and
    /// "all is synced" would be said of one that nobody has sent.</summary>
    public WaitAnswer Evaluate(string? path) => host.Reader.AtOneMoment(() => EvaluateNow(path));

    private WaitAnswer EvaluateNow(string? path)
    {
        var tally = new WaitTally();
        if (path is null)
        {
            var live = host.Drives;
            foreach (var row in host.Reader.Drives()) AddDrive(tally, row, live.FirstOrDefault(drive => drive.Row.Id == row.Id));
            return tally.Answer();
        }

        if (host.Drives.FirstOrDefault(drive => DrivePaths.IsWithin(path, drive.Row.MountPoint)) is not { } mounted)
            return new WaitAnswer(WaitOutcome.UnknownPath, [], 0);
        var below = DrivePaths.Below(mounted.Row.MountPoint, path);
        if (below.Length == 0) AddDrive(tally, mounted.Row, mounted);
        else if (!AddPath(tally, mounted, below)) return new WaitAnswer(WaitOutcome.UnknownPath, [], 0);
        return tally.Answer();
    }

    private void AddDrive(WaitTally tally, DriveRow row, ILiveDrive? drive)
    {
        var counts = host.Reader.Counts(row.Id);
        if (drive is null)
        {
            // Nobody works on a drive that is not mounted: that takes the user.
            var pending = Pending.Of(host.Journal, host.Reader, row.Id);
            if (!pending.IsEmpty)
                tally.NeedUser(new FileReport(row.MountPoint, FileState.Paused, $"The drive is not mounted; {Pending.Describe(pending)}."));
            return;
        }

        var troubled = new HashSet<long>();
        foreach (var node in NodeStates.Page(after => host.Reader.OpenOrTroubledNodes(row.Id, after, PageSize), PageSize))
        {
            if (Add(tally, drive, node)) troubled.Add(node.Id);
        }

        // Pending nodes are many: they are counted, and named only as far as the answer has room.
        foreach (var node in host.Reader.UnsettledNodes(row.Id, 0, MaxFiles))
        {
            if (!troubled.Contains(node.Id) && node.Open is null && Report(drive, node) is { } report) tally.Name(report);
        }

        tally.KeepBusy(Math.Max(0, counts.Pending - troubled.Count(id => host.Reader.Node(id)?.Pending ?? false)));
        var held = Pending.HeldDeletes(host.Journal, host.Reader, row.Id);
        tally.KeepBusy(Math.Max(0, counts.Deletes - held));
        if (held > 0) tally.NeedUser(HeldReport(row, held));
        tally.KeepBusy(host.Reader.Uploads(row.Id).Count(upload => IsLeftOver(upload, troubled)));
        if (counts.FailedDeletes == 0) return;
        foreach (var doomed in host.Reader.TroubledDeletes(row.Id, MaxFiles)) tally.NeedUser(NodeStates.Report(row, doomed));
    }

    /// <summary>Adds what is at or below a path; false when the journal knows nothing there.</summary>
    private bool AddPath(WaitTally tally, ILiveDrive drive, string below)
    {
        var path = KeyNames.ToKey(below.Split('/'), directory: false);
        var key = drive.Row.Prefix + path;
        var known = false;
        var troubled = new HashSet<long>();
        long held = 0;
        var isHeld = MassDelete.IsHeld(host.Journal, drive.Row.Id);
        foreach (var doomed in host.Reader.DoomedBelow(drive.Row.Id, key).Where(doomed => IsAtOrBelow(doomed.Key, key)))
        {
            known = true;
            if (isHeld && doomed is { Cause: DoomCause.Removed, Confirmed: false, Problem: Problem.None }) held++;
            else if (doomed.Problem != Problem.None) tally.NeedUser(NodeStates.Report(drive.Row, doomed));
            else tally.KeepBusy(1);
        }

        if (held > 0) tally.NeedUser(HeldReport(drive.Row, held));
        var top = host.Reader.NodeAtPath(drive.Row.Root, below);
        if (top is null) return known;
        IEnumerable<NodeRow> nodes = top.Type == NodeType.Directory
            ? NodeStates.Page(after => host.Reader.UnsettledNodes(drive.Row.Id, after, PageSize), PageSize)
                .Where(node => host.Reader.Path(node.Id) is { } found && IsAtOrBelow(found, path))
            : [top];
        foreach (var node in nodes)
        {
            if (Add(tally, drive, node)) troubled.Add(node.Id);
            else if (node.Pending && Report(drive, node) is { } report) tally.KeepBusy(report);
        }

        tally.KeepBusy(host.Reader.Uploads(drive.Row.Id).Count(upload =>
            IsLeftOver(upload, troubled) && (IsAtOrBelow(upload.Key, key) || upload.Node == top.Id)));
        return true;
    }

    /// <summary>Adds an open or troubled node; true when it needs the user.</summary>
    private bool Add(WaitTally tally, ILiveDrive drive, NodeRow node)
    {
        if (node.Open is null && node.Problem == Problem.None) return false;
        // Whatever becomes of an ignored file, the bucket never waits for it.
        if (node.Problem == Problem.None && (node.Flags & NodeFlags.Ignored) != 0) return false;
        if (Report(drive, node) is not { } report) return false;
        if (Pending.IsAttention(report.State))
        {
            tally.NeedUser(report);
            return true;
        }

        // Open, and not pending as well: nobody else counts it.
        if (!node.Pending) tally.KeepBusy(report);
        return false;
    }

    /// <summary>Whether an upload, or a write in doubt, is to be brought to its end although its file asks for nothing: a pending
    /// file's own is counted with the file, a troubled file's waits with it.</summary>
    private bool IsLeftOver(UploadRow upload, HashSet<long> troubled) =>
        upload.Phase != UploadPhase.PossiblyOurs && !troubled.Contains(upload.Node) && host.Reader.Node(upload.Node) is not { Pending: true };

    private FileReport? Report(ILiveDrive drive, NodeRow node) =>
        NodeStates.Report(host, drive, node, drive.Active.Any(file => file.Node == node.Id));

    private static FileReport HeldReport(DriveRow row, long count) => new(
        row.MountPoint, FileState.Paused,
        string.Create(CultureInfo.InvariantCulture, $"{count} removed objects are more than the limit: nothing is deleted before \"syncagent deletes confirm\"; \"deletes restore\" takes them back."));

    private static bool IsAtOrBelow(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');

    /// <summary>Adds up an answer.</summary>
    private sealed class WaitTally
    {
        private readonly List<FileReport> _busy = [];
        private readonly List<FileReport> _needUser = [];
        private long _busyCount;
        private long _needUserCount;

        public void KeepBusy(long count) => _busyCount += count;

        public void KeepBusy(FileReport report)
        {
            _busyCount++;
            Name(report);
        }

        public void Name(FileReport report)
        {
            if (_busy.Count < MaxFiles) _busy.Add(report);
        }

        public void NeedUser(FileReport report)
        {
            _needUserCount++;
            if (_needUser.Count < MaxFiles) _needUser.Add(report);
        }

        public WaitAnswer Answer() => (_busyCount, _needUserCount) switch
        {
            (0, 0) => new WaitAnswer(WaitOutcome.Synced, [], 0),
            (0, _) => new WaitAnswer(WaitOutcome.NeedsUser, _needUser, _needUserCount),
            _ => new WaitAnswer(WaitOutcome.Busy, [.. _busy, .. _needUser.Take(MaxFiles - _busy.Count)], _busyCount + _needUserCount),
        };
    }
}
