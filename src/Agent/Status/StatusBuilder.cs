using System.Collections.Concurrent;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>Takes the picture of an agent: what the journal says, and over it what this process knows.</summary>
internal sealed class StatusBuilder(AgentHost host)
{
    /// <summary>Most problems listed per drive.</summary>
    public const int MaxProblems = 100;

    /// <summary>What waits is what people look at: counting it for those who watch may take one part in so many of a processor. The rest
    /// changes with it, and may be shown later.</summary>
    private const int ShareOfFigures = 125;

    private const int ShareOfTheRest = 500;

    private readonly ConcurrentDictionary<DriveRow, (JournalValue<DriveFigures> Figures, JournalValue<IReadOnlyDictionary<FileState, long>> Settled)> _figures = new();
    private readonly JournalValue<long> _staged = new(host.Journal, host.Reader.StagedBytes);

    /// <summary>The picture now; with <paramref name="mayLag"/> its counts may be some seconds old, so that it can be taken often while there
    /// are very many files.</summary>
    public StatusSnapshot Build(bool mayLag = false)
    {
        var live = host.Drives;
        var drives = live.Select(drive => Describe(drive.Row, drive, mayLag)).Concat(Unmounted(live, mayLag)).ToList();
        ForgetOthers(drives.Count);
        var staged = _staged.Get(mayLag ? ShareOfTheRest : null);
        var problem = DiskProblem(live);
        var states = drives.Select(drive => drive.State).ToList();
        if (problem is not null || host.Journal.Writes.Reason is not null) states.Add(SyncStates.Attention);
        return new StatusSnapshot(
            new AgentStatus(Environment.ProcessId, OwnVersion.Text, host.Started, host.Journal.Folder) { Paused = live.Count > 0 && live.All(drive => drive.IsPaused) },
            drives, staged, host.Journal.EnqueuedSequence - host.Journal.DurableSequence, problem)
        {
            State = SyncStates.Join(states),
            Speed = new SpeedStatus(drives.Sum(drive => drive.Speed.Upload), drives.Sum(drive => drive.Speed.Download)),
            Totals = new TotalsStatus(
                drives.Sum(drive => Count(drive, FileState.Queued) + Count(drive, FileState.Closing) + Count(drive, FileState.Paused)), drives.Sum(drive => Count(drive, FileState.Uploading)),
                drives.Sum(drive => drive.ProblemCount + drive.DeletesHeld), drives.Sum(drive => drive.PendingBytes))
            {
                Held = drives.Sum(drive => Count(drive, FileState.Paused)),
                SentBytes = drives.Sum(drive => drive.Active.Sum(file => Math.Min(file.Sent, file.Total))),
            },
            Storage = Storage(live, staged),
            Requests = live.SelectMany(drive => drive.Traffic.Requests).GroupBy(pair => pair.Key, StringComparer.Ordinal).OrderBy(calls => calls.Key, StringComparer.Ordinal)
                .ToDictionary(calls => calls.Key, calls => calls.Sum(pair => pair.Value), StringComparer.Ordinal),
            Limits = host.Bandwidth.Read(),
            ReadOnlyReason = host.Journal.Writes.Reason,
            Recovery = host.Recovery?.Describe(),
            StateWarning = host.Recovery?.DiskWarning,
        };
    }

    private IEnumerable<DriveStatus> Unmounted(IReadOnlyList<ILiveDrive> live, bool mayLag) => host.Reader.Drives()
        .Where(row => live.All(drive => drive.Row.Id != row.Id) && !Pending.Of(host.Journal, host.Reader, row.Id).IsEmpty)
        .Select(row => Describe(row, null, mayLag));

    // Drives come and go, and with them what was counted of them.
    private void ForgetOthers(int shown)
    {
        if (_figures.Count > 2 * (shown + 1)) _figures.Clear();
    }

    // What cannot be made durable, then what can only wait for space. A disk that fails is the reason of being read-only.
    private string? DiskProblem(IReadOnlyList<ILiveDrive> live) =>
        (host.Groups?.Failure is { } failure ? $"closed files cannot be made durable: {failure.Message}" : null)
        ?? live.Select(drive => drive.SpaceProblem).FirstOrDefault(problem => problem is not null);

    private StorageStatus? Storage(IReadOnlyList<ILiveDrive> live, long staged)
    {
        try
        {
            var disk = new DriveInfo(host.Journal.Folder);
            var spaces = live.Select(drive => drive.Space).ToList();
            return new StorageStatus(
                staged, spaces.Sum(space => space.CacheBytes), spaces.Sum(space => space.CacheLimit),
                disk.AvailableFreeSpace / StorageStatus.DiskStep * StorageStatus.DiskStep, disk.TotalSize)
            {
                CacheHitBytes = live.Sum(drive => drive.CacheReads.Hit),
                CacheMissedBytes = live.Sum(drive => drive.CacheReads.Missed),
                Reserve = spaces.Count == 0 ? null : spaces.Max(space => space.Reserve),
            };
        }
        catch (IOException)
        {
            return null; // a disk that does not even tell its size is told of by whoever writes to it
        }
    }

    private DriveStatus Describe(DriveRow row, ILiveDrive? drive, bool mayLag)
    {
        var values = _figures.GetOrAdd(row, key => (
            new(host.Journal, () => DriveFigures.Read(host, key)), new(host.Journal, () => DriveFigures.ReadSettled(host, key))));
        var figures = values.Figures.Get(mayLag ? ShareOfFigures * Math.Max(1, host.Drives.Count) : null);
        var active = drive is null ? [] : drive.Active.Select(file => Describe(row, file)).ToList();
        var files = new Dictionary<FileState, long>(figures.Files);
        foreach (var (state, count) in values.Settled.Get(mayLag ? ShareOfTheRest * Math.Max(1, host.Drives.Count) : null)) files[state] = files.GetValueOrDefault(state) + count;
        var attention = figures.Attention;
        var problems = new List<FileReport>();
        foreach (var node in figures.Open.Concat(figures.Troubled))
        {
            // The figures know nothing of this process: who writes and what is being sent.
            var state = NodeStates.Of(host, drive, node, uploading: false);
            if (state == FileState.Open)
            {
                Move(files, FileState.Interrupted, FileState.Open);
                attention--;
            }
            else if (Pending.IsAttention(state) && problems.Count < MaxProblems && NodeStates.Report(host, row, drive, node, uploading: false) is { } report)
            {
                problems.Add(report);
            }
        }

        if (drive is not { IsPaused: true }) foreach (var _ in active) Move(files, FileState.Queued, FileState.Uploading);
        else if (files.Remove(FileState.Queued, out var held)) files[FileState.Paused] = files.GetValueOrDefault(FileState.Paused) + held;
        problems.AddRange(figures.Deletes.Take(MaxProblems - problems.Count));
        var described = new DriveStatus(
            row.MountPoint, drive is not null, (drive?.ReadOnly ?? false) || host.Journal.Writes.IsClosed, row.Store,
            TargetSettings.HostOf(row.Store, row.Endpoint, row.Region), row.Endpoint, row.Region, row.Bucket, row.Prefix,
            drive?.Health ?? StoreHealth.Unknown, files.Where(pair => pair.Value > 0).OrderBy(pair => pair.Key).ToDictionary(),
            figures.PendingFolders, figures.PendingBytes, active, problems, Math.Max(0, attention) + figures.Counts.FailedDeletes,
            figures.Counts.Deletes, figures.Counts.Uploads)
        {
            DeletesHeld = Pending.HeldDeletes(host.Journal, host.Reader, row.Id),
            HiddenKeys = drive?.ReadHidden().Count ?? 0,
            Speed = drive is null ? SpeedStatus.None : new SpeedStatus(drive.Traffic.Sent.BytesPerSecond, drive.Traffic.Received.BytesPerSecond),
            Recent = figures.Recent,
            Verify = drive?.Verification.Run?.Status,
        };
        return described with { State = StateOf(described) };
    }

    private ActiveFile Describe(DriveRow row, ActiveFile file) => file with
    {
        Path = host.Reader.ShownPath(file.Node) is { } path ? NodeStates.Absolute(row, path) : null,
        EtaSeconds = file.BytesPerSecond > 0 ? Math.Round(Math.Max(0, file.Total - file.Sent) / (double)file.BytesPerSecond, 1) : null,
    };

    private static string StateOf(DriveStatus drive)
    {
        var moves = Count(drive, FileState.Queued) + Count(drive, FileState.Closing) + Count(drive, FileState.Uploading) + drive.PendingFolders + drive.DeletesPending - drive.DeletesHeld > 0;
        if (drive.ProblemCount > 0 || drive.DeletesHeld > 0 || !drive.Mounted) return SyncStates.Attention;
        if (drive.Health.State is "offline" or "refused" && moves) return SyncStates.Offline;
        if (drive.Health.State is "paused" || (!moves && Count(drive, FileState.Paused) > 0)) return SyncStates.Paused;
        return moves ? SyncStates.Syncing : SyncStates.Idle;
    }

    private static long Count(DriveStatus drive, FileState state) => drive.Files.GetValueOrDefault(state);

    private static void Move(Dictionary<FileState, long> files, FileState from, FileState to)
    {
        // The counts and the lists are read one after the other: what moved in between is not counted twice.
        if (files.GetValueOrDefault(from) == 0) return;
        files[from]--;
        files[to] = files.GetValueOrDefault(to) + 1;
    }
}
