using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Composition;

/// <summary>
/// One agent: a state folder's journal and the drives mounted on it. Mounting and unmounting run one at a time; reading the
/// list of drives takes no lock.
/// </summary>
internal sealed partial class AgentHost : IAsyncDisposable
{
    private readonly IDriveOpener _opener;
    private readonly MountRegistry _registry;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _endsWithLastDrive;
    private volatile IReadOnlyList<ILiveDrive> _drives = [];

    /// <summary>Makes an agent without drives.</summary>
    /// <param name="journal">The state folder's journal, recovered.</param>
    /// <param name="groups">Its group commits, or null in tests.</param>
    /// <param name="opener">Mounts drives.</param>
    /// <param name="registry">Where live mounts are noted.</param>
    /// <param name="endsWithLastDrive">Whether the agent ends when its last drive is unmounted.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public AgentHost(
        JournalStore journal, GroupCommitter? groups, IDriveOpener opener, MountRegistry registry, bool endsWithLastDrive,
        TimeProvider time, ILogger logger)
    {
        Journal = journal;
        Groups = groups;
        Reader = journal.OpenReader();
        Time = time;
        Started = time.GetUtcNow();
        Bandwidth = new AgentBandwidth(journal, time, logger);
        _opener = opener;
        _registry = registry;
        _endsWithLastDrive = endsWithLastDrive;
        _logger = logger;
    }

    /// <summary>The journal.</summary>
    public JournalStore Journal { get; }

    /// <summary>A reader for status and waits.</summary>
    public JournalReader Reader { get; }

    /// <summary>Group commits, or null in tests.</summary>
    public GroupCommitter? Groups { get; }

    /// <summary>What came of the last run's end, or null in tests.</summary>
    public AgentRecovery? Recovery { get; init; }

    /// <summary>Clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>What all drives together may send and receive.</summary>
    public AgentBandwidth Bandwidth { get; }

    /// <summary>How long the end of a drive waits, unless told otherwise, for programs that write to it.</summary>
    public TimeSpan StopTimeout { get; init; } = AgentSettings.DefaultStopTimeout;

    /// <summary>When the agent started.</summary>
    public DateTimeOffset Started { get; }

    /// <summary>The drives mounted now.</summary>
    public IReadOnlyList<ILiveDrive> Drives => _drives;

    /// <summary>Ends when the agent was asked to stop, or its last drive is gone and it lives for its drives only.</summary>
    public Task StopRequested => _stop.Task;

    /// <summary>Whether the agent works and its journal takes changes.</summary>
    public bool IsHealthy => !StopRequested.IsCompleted && !Journal.Writes.IsClosed && Groups?.Failure is null;

    /// <summary>Asks the agent to stop.</summary>
    public void RequestStop() => _stop.TrySetResult();

    /// <summary>Mounts a drive.</summary>
    /// <returns>True when the same drive was mounted there before.</returns>
    /// <exception cref="CommandException">It cannot be; the message says why.</exception>
    public async Task<bool> MountAsync(
        DriveSettings settings, EngineSettings engine, ICredentialsProvider credentials, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_stop.Task.IsCompleted) throw new CommandException(ExitCodes.NeedsUser, "the agent is about to end.");
            if (IsMountedAlready(settings)) return true;
            var row = DriveRows.Bind(Journal, Reader, settings, Time.GetUtcNow());
            var drive = await _opener.OpenAsync(new DriveOrder(row, settings, settings.Engine.Or(engine), credentials) { Bandwidth = Bandwidth.Control }, cancellationToken);
            // Only now: a drive that cannot be mounted must not change the limits of the others.
            Bandwidth.Configure(engine);
            _registry.Add(settings.MountPoint, Journal.Folder);
            _drives = [.. _drives, drive];
            _ = FollowAsync(drive);
            LogMounted(settings.MountPoint, row.Bucket, row.Prefix);
            return false;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Unmounts a drive, as soon as nobody writes to it any more.</summary>
    /// <param name="mountPoint">The drive's.</param>
    /// <param name="patience">How long programs that write may take; null for <see cref="StopTimeout"/>.</param>
    /// <param name="cancellationToken">Gives up: the drive stays.</param>
    /// <exception cref="CommandException">Nothing of this agent is mounted there.</exception>
    public async Task<UnmountAnswer> UnmountAsync(string mountPoint, TimeSpan? patience, CancellationToken cancellationToken)
    {
        var drive = DriveAt(mountPoint);
        try
        {
            // Outside the turn: other drives may be mounted and unmounted meanwhile.
            var written = await LetWritersFinishAsync(drive, patience ?? StopTimeout, cancellationToken);
            await _turn.WaitAsync(cancellationToken);
            try
            {
                return await EndNeedsTurnAsync(DriveAt(mountPoint), written);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch
        {
            drive.AdmitWriters();
            throw;
        }
    }

    /// <summary>Unmounts all drives, as soon as nobody writes to them any more; tells of each what stays pending.</summary>
    /// <param name="patience">How long programs that write may take, to all drives together.</param>
    public async Task<IReadOnlyList<UnmountAnswer>> UnmountAllAsync(TimeSpan patience)
    {
        RequestStop();
        await _turn.WaitAsync(); // a mount that is under way is carried through, and none begins any more
        _turn.Release();
        var written = new Dictionary<ILiveDrive, IReadOnlyList<long>>();
        foreach (var (drive, nodes) in await Task.WhenAll(_drives.Select(async drive => (drive, await LetWritersFinishAsync(drive, patience, CancellationToken.None)))))
            written[drive] = nodes;
        await _turn.WaitAsync();
        try
        {
            var answers = new List<UnmountAnswer>();
            foreach (var drive in _drives) answers.Add(await EndNeedsTurnAsync(drive, written.GetValueOrDefault(drive) ?? []));
            return answers;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await UnmountAllAsync(TimeSpan.Zero);
        Bandwidth.Dispose();
    }

    private bool IsMountedAlready(DriveSettings settings)
    {
        var target = settings.Target;
        foreach (var drive in _drives)
        {
            var sameTarget = drive.Row.Store == target.Store && drive.Row.Bucket == target.Bucket && drive.Row.Prefix == target.Prefix
                && drive.Row.Endpoint.TrimEnd('/') == (target.Endpoint ?? "").TrimEnd('/');
            if (drive.Row.MountPoint == settings.MountPoint)
            {
                return sameTarget
                    ? true
                    : throw new CommandException(ExitCodes.NeedsUser, $"{settings.MountPoint} is a drive of bucket {drive.Row.Bucket} already; unmount it first.");
            }

            if (sameTarget)
                throw new CommandException(ExitCodes.NeedsUser, $"bucket {target.Bucket} is mounted at {drive.Row.MountPoint} already; unmount it there first.");
            if (DrivePaths.IsWithin(settings.MountPoint, drive.Row.MountPoint))
                throw new CommandException(ExitCodes.NeedsUser, $"{settings.MountPoint} is inside the drive at {drive.Row.MountPoint}.");
        }

        return false;
    }

    private ILiveDrive DriveAt(string mountPoint) => _drives.FirstOrDefault(candidate => candidate.Row.MountPoint == mountPoint)
        ?? throw new CommandException(ExitCodes.NeedsUser, $"no drive is mounted at {mountPoint}.");

    private async Task<IReadOnlyList<long>> LetWritersFinishAsync(ILiveDrive drive, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (drive.OpenForWriting is var files and > 0 && patience > TimeSpan.Zero) LogWaiting(drive.Row.MountPoint, patience.TotalSeconds, files);
        return await drive.LetWritersFinishAsync(patience, cancellationToken);
    }

    private async Task<UnmountAnswer> EndNeedsTurnAsync(ILiveDrive drive, IReadOnlyList<long> written)
    {
        _registry.Remove(drive.Row.MountPoint);
        var inUse = await drive.UnmountAsync(CancellationToken.None);
        await drive.DisposeAsync();
        if (Groups is not null) await Groups.FlushAsync(CancellationToken.None);
        _drives = [.. _drives.Where(other => other != drive)];
        var pending = Pending.Of(Journal, Reader, drive.Row.Id);
        LogUnmounted(drive.Row.MountPoint, Pending.Describe(pending));
        var interrupted = Interrupted(drive.Row, written);
        if (interrupted.Count > 0) LogInterrupted(drive.Row.MountPoint, interrupted.Count, string.Join(", ", interrupted.Take(UnmountAnswer.MaxNamed)));
        var ends = _drives.Count == 0 && _endsWithLastDrive;
        if (ends) RequestStop();
        return new UnmountAnswer(drive.Row.MountPoint, inUse, pending)
        {
            AgentEnds = ends,
            InterruptedCount = interrupted.Count,
            Interrupted = [.. interrupted.Take(UnmountAnswer.MaxNamed)],
        };
    }

    // Of those that were open for writing: what was closed since, or never written to, is fine.
    private List<string> Interrupted(DriveRow row, IReadOnlyList<long> written) =>
    [
        .. written.Where(node => Reader.Node(node) is { Open: not null })
            .Select(node => Reader.ShownPath(node)).OfType<string>().Select(path => NodeStates.Absolute(row, path)),
    ];

    // Somebody may unmount with fusermount3 or umount: the drive ends all the same.
    private async Task FollowAsync(ILiveDrive drive)
    {
        await drive.Unmounted.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _turn.WaitAsync();
        try
        {
            if (!_drives.Contains(drive)) return;
            if (drive.Unmounted.Exception is { } error) LogBroken(error.InnerException, drive.Row.MountPoint);
            await EndNeedsTurnAsync(drive, []);
        }
        catch (Exception e) when (e is IOException or JournalException)
        {
            LogUncleanEnd(e, drive.Row.MountPoint);
        }
        finally
        {
            _turn.Release();
        }
    }
}
