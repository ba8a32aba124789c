namespace SyncAgent.Store;

/// <summary>Limits that a person has set by hand, until cleared.</summary>
/// <param name="Upload">Bytes per second of everything that is sent together; 0 is no limit, null leaves it to the timetable.</param>
/// <param name="Download">The same for everything that is received.</param>
public sealed record BandwidthOverride(long? Upload, long? Download)
{
    /// <summary>Everything by timetable.</summary>
    public static BandwidthOverride None { get; } = new(null, null);
}

/// <summary>How the bandwidth stands.</summary>
/// <param name="Limits">What holds now.</param>
/// <param name="Override">What was set by hand.</param>
/// <param name="NextChange">When the timetable next changes them, or null.</param>
public sealed record BandwidthState(BandwidthLimits Limits, BandwidthOverride Override, DateTimeOffset? NextChange);

/// <summary>The bandwidth of everything that one process sends and receives: a timetable, and above it what a person has set by hand.</summary>
public sealed class BandwidthControl : IDisposable
{
    /// <summary>A machine sleeps, its clock is set, its time zone moves: the timetable is looked at again at least this often.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    // Guards the two below and the order in which the limiters learn of them.
    private readonly Lock _lock = new();
    private BandwidthTimetable _timetable;
    private BandwidthOverride _override = BandwidthOverride.None;

    /// <summary>Begins with the timetable's limits.</summary>
    /// <param name="time">Clock and local time zone.</param>
    /// <param name="timetable">Which limits hold when.</param>
    public BandwidthControl(TimeProvider time, BandwidthTimetable timetable)
    {
        _time = time;
        _timetable = timetable;
        Upload = new BandwidthLimiter(time);
        Download = new BandwidthLimiter(time);
        _timer = time.CreateTimer(static me => ((BandwidthControl)me!).Apply(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Apply();
    }

    /// <summary>What everything that is sent goes through.</summary>
    public BandwidthLimiter Upload { get; }

    /// <summary>What everything that is received goes through.</summary>
    public BandwidthLimiter Download { get; }

    /// <summary>Which limits hold when.</summary>
    public BandwidthTimetable Timetable
    {
        get
        {
            lock (_lock) return _timetable;
        }

        set
        {
            lock (_lock) _timetable = value;
            Apply();
        }
    }

    /// <summary>What is set by hand.</summary>
    public BandwidthOverride Override
    {
        get
        {
            lock (_lock) return _override;
        }

        set
        {
            lock (_lock) _override = value;
            Apply();
        }
    }

    /// <summary>How it stands now.</summary>
    public BandwidthState Read()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var effective = Effective();
            return new BandwidthState(effective.At(now, _time.LocalTimeZone), _override, effective.NextChange(now, _time.LocalTimeZone));
        }
    }

    /// <summary>Ends all limits.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Upload.Dispose();
        Download.Dispose();
    }

    private void Apply()
    {
        lock (_lock)
        {
            var now = _time.GetUtcNow();
            var limits = Effective().At(now, _time.LocalTimeZone);
            Upload.BytesPerSecond = limits.Upload;
            Download.BytesPerSecond = limits.Download;
            if (_timetable.Entries.Count == 0) return;
            // Entries begin and end on whole minutes.
            _timer.Change(LongestPause - TimeSpan.FromTicks(now.UtcTicks % LongestPause.Ticks), Timeout.InfiniteTimeSpan);
        }
    }

    // What is set by hand holds at every time of the week.
    private BandwidthTimetable Effective() => new(
        new BandwidthLimits(_override.Upload ?? _timetable.Standing.Upload, _override.Download ?? _timetable.Standing.Download),
        [.. _timetable.Entries.Select(entry => entry with { Upload = _override.Upload ?? entry.Upload, Download = _override.Download ?? entry.Download })]);
}
