namespace SyncAgent.Store;

/// <summary>Limits of both directions in bytes per second; 0 for none.</summary>
public sealed record BandwidthLimits(long Upload, long Download)
{
    /// <summary>No limits.</summary>
    public static BandwidthLimits None { get; } = new(0, 0);
}

/// <summary>A time of the week with limits of its own.</summary>
/// <param name="Days">The days on which it begins; not empty.</param>
/// <param name="From">When it begins, local time, whole minutes.</param>
/// <param name="To">When it ends, local time, whole minutes; not later than <paramref name="From"/>: on the next day (and the
/// same as it: a whole day).</param>
/// <param name="Upload">Bytes per second, 0 for no limit, null for what holds otherwise.</param>
/// <param name="Download">The same for the other direction.</param>
public sealed record BandwidthEntry(IReadOnlyList<DayOfWeek> Days, TimeOnly From, TimeOnly To, long? Upload, long? Download)
{
    /// <summary>Whether a local time is within it.</summary>
    internal bool Covers(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        if (From < To) return Days.Contains(local.DayOfWeek) && time >= From && time < To;
        return (Days.Contains(local.DayOfWeek) && time >= From) || (Days.Contains(local.AddDays(-1).DayOfWeek) && time < To);
    }
}

/// <summary>Which limits hold when. Goes by what the clock on the wall shows, so a night when it is set back or ahead is as long as it is;
/// where entries meet, the first one wins.</summary>
/// <param name="Standing">What holds outside all entries.</param>
/// <param name="Entries">Times of the week, the first one first.</param>
public sealed record BandwidthTimetable(BandwidthLimits Standing, IReadOnlyList<BandwidthEntry> Entries)
{
    /// <summary>No limits, ever.</summary>
    public static BandwidthTimetable Unlimited { get; } = new(BandwidthLimits.None, []);

    /// <summary>The limits at a time.</summary>
    public BandwidthLimits At(DateTimeOffset time, TimeZoneInfo zone)
    {
        if (Entries.Count == 0) return Standing;
        var local = TimeZoneInfo.ConvertTime(time, zone).DateTime;
        return Entries.FirstOrDefault(entry => entry.Covers(local)) is { } found
            ? new BandwidthLimits(found.Upload ?? Standing.Upload, found.Download ?? Standing.Download)
            : Standing;
    }

    /// <summary>When the limits next differ from those at a time, or null when they never do. Looks a week and a day ahead.</summary>
    public DateTimeOffset? NextChange(DateTimeOffset time, TimeZoneInfo zone)
    {
        if (Entries.Count == 0) return null;
        var now = At(time, zone);
        // Entries begin and end on whole minutes, and clocks are set on whole minutes: looking at each of them needs no other rule.
        var minute = new DateTimeOffset(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        for (var end = minute.AddDays(8); minute < end;)
        {
            minute = minute.AddMinutes(1);
            if (At(minute, zone) != now) return minute;
        }

        return null;
    }
}
