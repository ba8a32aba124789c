using System.Reflection;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>Takes the picture of an agent.</summary>
internal sealed class StatusBuilder(AgentHost host)
{
    /// <summary>Most problems listed per drive.</summary>
    public const int MaxProblems = 100;

    private const int PageSize = 500;

    private static readonly string Version =
        typeof(StatusBuilder).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>The picture now.</summary>
    public StatusSnapshot Build()
    {
        var live = host.Drives;
        var drives = live.Select(drive => Describe(drive.Row, drive))
            .Concat(host.Reader.Drives()
                .Where(row => live.All(drive => drive.Row.Id != row.Id) && !Pending.Of(host.Journal, host.Reader, row.Id).IsEmpty)
                .Select(row => Describe(row, null)));
        return new StatusSnapshot(
            new AgentStatus(Environment.ProcessId, Version, host.Started, host.Journal.Folder),
            [.. drives], host.Reader.StagedBytes(), host.Journal.EnqueuedSequence - host.Journal.DurableSequence, DiskProblem(live))
        {
            Limits = host.Bandwidth.Read(),
            ReadOnlyReason = host.Journal.Writes.Reason,
            Recovery = host.Recovery?.Describe(),
            StateWarning = host.Recovery?.DiskWarning,
        };
    }

    // What cannot be made durable, then what can only wait for space. A disk that fails is the reason of being read-only.
    private string? DiskProblem(IReadOnlyList<ILiveDrive> live) =>
        (host.Groups?.Failure is { } failure ? $"closed files cannot be made durable: {failure.Message}" : null)
        ?? live.Select(drive => drive.SpaceProblem).FirstOrDefault(problem => problem is not null);

    /// <summary>Files in a state, or in any but synced and remote when <paramref name="state"/> is null; at most <paramref name="limit"/>.</summary>
    public FilesAnswer Files(FileState? state, int limit)
    {
        var found = new List<FileReport>();
        foreach (var drive in host.Drives)
        {
            var sending = drive.Active.Select(file => file.Node).ToHashSet();
            foreach (var node in Unsettled(drive.Row.Id))
            {
                var report = NodeStates.Report(host, drive, node, sending.Contains(node.Id));
                if (report is null || (state is not null && report.State != state)) continue;
                if (found.Count == limit) return new FilesAnswer(found, More: true);
                found.Add(report);
            }
        }

        return new FilesAnswer(found, More: false);
    }

    private DriveStatus Describe(DriveRow row, ILiveDrive? drive)
    {
        var active = drive?.Active ?? [];
        var files = new Dictionary<FileState, long>();
        long folders = 0, bytes = 0;
        foreach (var tally in host.Reader.Tallies(row.Id, host.Journal.DurableSequence))
        {
            if (tally.Pending && tally.Directory) folders += tally.Count;
            if (tally.Pending && !tally.Directory) bytes += tally.Bytes;
            if (!tally.Directory) files[tally.State] = files.GetValueOrDefault(tally.State) + tally.Count;
        }

        // The tallies know nothing of this process: who writes and what is being sent.
        var problems = new List<FileReport>();
        long problemCount = 0;
        foreach (var node in OpenOrTroubled(row.Id))
        {
            var report = NodeStates.Report(host, row, drive, node, uploading: false);
            if (report is null) continue;
            if (report.State == FileState.Open) Move(files, FileState.Interrupted, FileState.Open);
            if (!Pending.IsAttention(report.State)) continue;
            problemCount++;
            if (problems.Count < MaxProblems) problems.Add(report);
        }

        if (drive is not { IsPaused: true }) foreach (var _ in active) Move(files, FileState.Queued, FileState.Uploading);
        else if (files.Remove(FileState.Queued, out var held)) files[FileState.Paused] = files.GetValueOrDefault(FileState.Paused) + held;
        var counts = host.Reader.Counts(row.Id);
        foreach (var doomed in host.Reader.TroubledDeletes(row.Id, MaxProblems - problems.Count)) problems.Add(NodeStates.Report(row, doomed));
        return new DriveStatus(
            row.MountPoint, drive is not null, (drive?.ReadOnly ?? false) || host.Journal.Writes.IsClosed, row.Store,
            TargetSettings.HostOf(row.Store, row.Endpoint, row.Region), row.Endpoint, row.Region, row.Bucket, row.Prefix,
            drive?.Health ?? StoreHealth.Unknown, files.Where(pair => pair.Value > 0).OrderBy(pair => pair.Key).ToDictionary(),
            folders, bytes, active, problems, problemCount + counts.FailedDeletes, counts.Deletes, counts.Uploads)
        {
            DeletesHeld = Pending.HeldDeletes(host.Journal, host.Reader, row.Id),
            HiddenKeys = drive?.ReadHidden().Count ?? 0,
        };
    }

    private static void Move(Dictionary<FileState, long> files, FileState from, FileState to)
    {
        // The counts and the lists are read one after the other: what moved in between is not counted twice.
        if (files.GetValueOrDefault(from) == 0) return;
        files[from]--;
        files[to] = files.GetValueOrDefault(to) + 1;
    }

    private IEnumerable<NodeRow> OpenOrTroubled(long drive) => NodeStates.Page(after => host.Reader.OpenOrTroubledNodes(drive, after, PageSize), PageSize);

    private IEnumerable<NodeRow> Unsettled(long drive) => NodeStates.Page(after => host.Reader.UnsettledNodes(drive, after, PageSize), PageSize);
}
