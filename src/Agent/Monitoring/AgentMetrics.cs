using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Monitoring;

/// <summary>
/// What operators measure of an agent. Nothing is counted here: the instruments read what the status shows, the traffic of the stores, the
/// journal's history and the process, and only when somebody collects them. docs/operations.md has the table; a test holds it against them.
/// </summary>
internal sealed partial class AgentMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "SyncAgent";

    /// <summary>The tag that says which drive: its mount point. Everybody on the machine sees mount points anyhow; names of files, buckets
    /// and keys are in no tag.</summary>
    public const string Drive = "drive";

    /// <summary>All instruments of one collection show the same picture.</summary>
    private static readonly TimeSpan OnePicture = TimeSpan.FromMilliseconds(250);

    private const int ShareOfAge = 500;

    private static readonly string[] HealthStates = ["ok", "offline", "refused", "paused", "unknown"];

    private readonly Meter _meter;
    private readonly AgentHost _host;
    private readonly StatusBuilder _status;
    private readonly ILogger _logger;
    private readonly HistoryTotals _history;
    private readonly QueueAge _age;
    private readonly Histogram<double> _groups;
    private readonly Lock _lock = new();
    private StatusSnapshot? _picture;
    private long _takenAt;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meter">Of the name <see cref="MeterName"/>; it stays the caller's.</param>
    /// <param name="host">The agent.</param>
    /// <param name="status">Takes its picture.</param>
    /// <param name="logger">Told when the picture cannot be taken.</param>
    public AgentMetrics(Meter meter, AgentHost host, StatusBuilder status, ILogger logger)
    {
        (_meter, _host, _status, _logger) = (meter, host, status, logger);
        _history = new HistoryTotals(host.Reader);
        _age = new QueueAge(host.Journal, host.Reader, host.Time, ShareOfAge);
        _groups = meter.CreateHistogram(
            "syncagent.journal.group.duration", "s", "Time of a group commit, which makes closed files survive a power cut.", tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] });
        if (host.Groups is { } groups) groups.Grouped += NoteGroup;
        AddAgent();
        AddStores();
        AddDrives();
        AddDisk();
        AddProcess();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_host.Groups is { } groups) groups.Grouped -= NoteGroup;
    }

    private void NoteGroup(TimeSpan took) => _groups.Record(took.TotalSeconds);

    private void AddAgent()
    {
        Gauge("syncagent.agent.healthy", "1", "1 while the agent works and its journal takes changes, else 0: what /v1/health says.", _ => [new(_host.IsHealthy ? 1 : 0)]);
        Gauge("syncagent.agent.read_only", "1", "1 while no drive may be changed, because the disk of the state folder takes no changes.", picture => [new(picture.ReadOnlyReason is null ? 0 : 1)]);
        Gauge("syncagent.disk.problem", "1", "1 while closed files cannot be made durable, or writes find no space.", picture => [new(picture.DiskProblem is null ? 0 : 1)]);
        Gauge("syncagent.journal.durable_lag", "{change}", "Changes that do not survive a power cut yet.", picture => [new(picture.DurableLag)]);
    }

    private void AddStores()
    {
        Counter("syncagent.store.requests", "{request}", "Requests to the store, by call and outcome; each attempt counts, and costs.", drive =>
            drive.Traffic.Attempts.Select(pair => Of(pair.Value, drive.Row, ("call", pair.Key.Call), ("outcome", pair.Key.Outcome))));
        Counter("syncagent.store.retries", "{request}", "Requests that failed for a passing reason and were made again at once.", drive => [Of(drive.Traffic.Repeats, drive.Row)]);
        Counter("syncagent.store.broken_bodies", "{body}", "Objects that broke off while they were received.", drive => [Of(drive.Traffic.BrokenBodies, drive.Row)]);
        Counter("syncagent.store.sent", "By", "Bytes of objects and parts that were sent, those too that were lost and sent again.", drive => [Of(drive.Traffic.Sent.Total, drive.Row)]);
        Counter("syncagent.store.received", "By", "Bytes of objects that were received.", drive => [Of(drive.Traffic.Received.Total, drive.Row)]);
        Gauge("syncagent.store.health", "1", "1 for the state that the store is in: ok, offline, refused, paused or unknown.", picture =>
            picture.Drives.SelectMany(drive => HealthStates.Select(state => Of(drive.Health.State == state ? 1 : 0, drive, ("state", state)))));
    }

    private void AddDrives()
    {
        Gauge("syncagent.drive.mounted", "1", "1 for a drive that is mounted, 0 for one that is not and has something pending.", picture => Each(picture, drive => drive.Mounted ? 1 : 0));
        Gauge("syncagent.files", "{file}", "Files and links by state; of those at rest the ones that the journal keeps.", picture =>
            picture.Drives.SelectMany(drive => Enum.GetValues<FileState>().Select(state => Of(drive.Files.GetValueOrDefault(state), drive, ("state", StateName(state))))));
        Gauge("syncagent.pending.size", "By", "Bytes of closed files that wait for their upload or are being sent.", picture => Each(picture, drive => drive.PendingBytes));
        Gauge("syncagent.pending.age", "s", "How long the bucket has been waiting for the oldest change, as far back as the agent runs; what the user holds back is left out.", picture =>
            picture.Drives.Select(drive => Of(_age.SecondsOf(drive.MountPoint), drive)));
        Gauge("syncagent.pending.deletes", "{object}", "Objects still to be deleted.", picture => Each(picture, drive => drive.DeletesPending));
        Gauge("syncagent.pending.deletes_held", "{object}", "Of these, what waits for the user to confirm a mass deletion.", picture => Each(picture, drive => drive.DeletesHeld));
        Gauge("syncagent.uploads.active", "{file}", "Files being sent now.", picture => Each(picture, drive => drive.Active.Count));
        Gauge("syncagent.uploads.multipart", "{upload}", "Multipart uploads that are open, their parts being paid for.", picture => Each(picture, drive => drive.Uploads));
        Gauge("syncagent.problems", "{file}", "What needs the user.", picture => Each(picture, drive => drive.ProblemCount));
        _meter.CreateObservableCounter("syncagent.changes", ReadHistory, "{object}", "What happened to objects: uploaded, copied, updated, deleted, failed, conflict, cancelled.");
    }

    private void AddDisk()
    {
        Gauge("syncagent.staging.size", "By", "Local content, counted at full length: what waits, and copies of what was sent.", picture => [new(picture.StagedBytes)]);
        Gauge("syncagent.cache.size", "By", "What was read from buckets and kept.", picture => Disk(picture, storage => storage.CacheBytes));
        Gauge("syncagent.cache.limit", "By", "How much of that is kept; what is pinned comes on top.", picture => Disk(picture, storage => storage.CacheLimit));
        Counter("syncagent.cache.read", "By", "What programs have read of buckets' content, by outcome: hit, it was in the cache, or missed, they waited for it.", drive =>
        [
            Of(drive.CacheReads.Hit, drive.Row, ("outcome", "hit")), Of(drive.CacheReads.Missed, drive.Row, ("outcome", "missed")),
        ]);
        Gauge("syncagent.disk.free", "By", "Free bytes of the state folder's disk, in steps of 16 MiB.", picture => Disk(picture, storage => storage.DiskFree));
        Gauge("syncagent.disk.size", "By", "Size of that disk.", picture => Disk(picture, storage => storage.DiskTotal));
        Gauge("syncagent.disk.reserve", "By", "Bytes of that disk that writes leave free.", picture => Disk(picture, storage => storage.Reserve));
    }

    // Memory, processor time and the garbage collector are in the runtime's own meter, System.Runtime.
    private void AddProcess()
    {
        if (!OperatingSystem.IsLinux()) return;
        _meter.CreateObservableGauge("syncagent.process.threads", ProcessFigures.CountThreads, "{thread}", "Threads of the process.");
        _meter.CreateObservableGauge("syncagent.process.descriptors", ProcessFigures.CountDescriptors, "{descriptor}", "Descriptors that the process has open.");
        _meter.CreateObservableGauge("syncagent.process.descriptors_limit", ProcessFigures.ReadDescriptorLimit, "{descriptor}", "How many it may have.");
    }

    private void Gauge(string name, string unit, string description, Func<StatusSnapshot, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableGauge(name, () => TakePicture() is { } picture ? read(picture) : [], unit, description);

    private void Counter(string name, string unit, string description, Func<ILiveDrive, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => _host.Drives.SelectMany(read), unit, description);

    private IEnumerable<Measurement<long>> ReadHistory()
    {
        try
        {
            return [.. _history.Read([.. _host.Drives.Select(drive => drive.Row.Id)]).Select(total => Of(total.Count, total.Drive, ("what", StateName(total.What))))];
        }
        catch (JournalException e)
        {
            LogUnreadable(e);
            return [];
        }
    }

    private StatusSnapshot? TakePicture()
    {
        lock (_lock)
        {
            if (_picture is not null && _host.Time.GetElapsedTime(_takenAt) < OnePicture) return _picture;
            try
            {
                _picture = _status.Build(mayLag: true);
                _age.Look();
            }
            catch (Exception e) when (e is JournalException or IOException)
            {
                LogUnreadable(e);
                _picture = null;
            }

            _takenAt = _host.Time.GetTimestamp();
            return _picture;
        }
    }

    private static IEnumerable<Measurement<long>> Each(StatusSnapshot picture, Func<DriveStatus, long> read) => picture.Drives.Select(drive => Of(read(drive), drive));

    private static IEnumerable<Measurement<long>> Disk(StatusSnapshot picture, Func<StorageStatus, long?> read) =>
        picture.Storage is { } storage && read(storage) is { } bytes ? [new(bytes)] : [];

    private static Measurement<long> Of(long value, DriveStatus drive, params (string Name, string Value)[] tags) => Of(value, drive.MountPoint, tags);

    private static Measurement<long> Of(long value, DriveRow drive, params (string Name, string Value)[] tags) => Of(value, drive.MountPoint, tags);

    private static Measurement<long> Of(long value, string drive, params (string Name, string Value)[] tags) => new(value, [new(Drive, drive), .. tags.Select(tag => new KeyValuePair<string, object?>(tag.Name, tag.Value))]);

    private static string StateName<T>(T state)
        where T : struct, Enum => state.ToString().ToLowerInvariant();

    [LoggerMessage(5110, LogLevel.Debug, "the metrics cannot be read now; it is tried again")]
    private partial void LogUnreadable(Exception error);
}
