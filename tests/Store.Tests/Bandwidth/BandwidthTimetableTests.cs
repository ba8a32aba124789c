namespace SyncAgent.Store.Tests;

public class BandwidthTimetableTests
{
    private static readonly DayOfWeek[] Everyday = Enum.GetValues<DayOfWeek>();

    private static readonly DayOfWeek[] Workdays =
        [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday];

    // One hour ahead of UTC, in summer two: from the last Sunday of March, 2:00, to the last Sunday of October, 3:00.
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.CreateCustomTimeZone(
        "test", TimeSpan.FromHours(1), "test", "test", "test",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    private static readonly BandwidthTimetable Office = new(
        new BandwidthLimits(5000, 0),
        [
            new BandwidthEntry(Workdays, new TimeOnly(12, 0), new TimeOnly(13, 0), 0, null),
            new BandwidthEntry(Workdays, new TimeOnly(8, 0), new TimeOnly(18, 0), 1000, 2000),
            new BandwidthEntry([DayOfWeek.Friday], new TimeOnly(22, 0), new TimeOnly(6, 0), null, 3000),
        ]);

    [Theory]
    // 2026-11-16 is a Monday.
    [InlineData("2026-11-16T07:59:59", 5000, 0, "2026-11-16T08:00:00")]
    [InlineData("2026-11-16T08:00:00", 1000, 2000, "2026-11-16T12:00:00")]
    [InlineData("2026-11-16T12:30:00", 0, 0, "2026-11-16T13:00:00")]
    [InlineData("2026-11-16T18:00:00", 5000, 0, "2026-11-17T08:00:00")]
    [InlineData("2026-11-20T23:00:00", 5000, 3000, "2026-11-21T06:00:00")]
    [InlineData("2026-11-21T05:59:59", 5000, 3000, "2026-11-21T06:00:00")]
    [InlineData("2026-11-21T06:00:00", 5000, 0, "2026-11-23T08:00:00")]
    public void The_first_entry_that_fits_wins(string time, long upload, long download, string next)
    {
        Assert.Equal(new BandwidthLimits(upload, download), Office.At(Utc(time), TimeZoneInfo.Utc));
        Assert.Equal(Utc(next), Office.NextChange(Utc(time), TimeZoneInfo.Utc));
    }

    [Fact]
    public void Local_time_counts() => Assert.Equal(1000, Office.At(Utc("2026-11-16T07:00:00"), Berlin).Upload);

    [Fact]
    public void The_same_time_twice_is_a_whole_day()
    {
        var saturday = new BandwidthTimetable(BandwidthLimits.None, [new BandwidthEntry([DayOfWeek.Saturday], new TimeOnly(6, 0), new TimeOnly(6, 0), 1, 1)]);
        Assert.Equal(Utc("2026-11-21T06:00:00"), saturday.NextChange(Utc("2026-11-16T00:00:00"), TimeZoneInfo.Utc));
        Assert.Equal(Utc("2026-11-22T06:00:00"), saturday.NextChange(Utc("2026-11-21T06:00:00"), TimeZoneInfo.Utc));
    }

    [Fact]
    public void A_time_that_the_clock_skips_is_skipped()
    {
        // 2026-03-29: at 2:00 (1:00 UTC) it is 3:00. An entry until 2:30 ends there, one from 2:10 to 2:50 does not come.
        var until = Night(new TimeOnly(1, 0), new TimeOnly(2, 30));
        Assert.Equal(Utc("2026-03-29T01:00:00"), until.NextChange(Utc("2026-03-29T00:30:00"), Berlin));
        var within = Night(new TimeOnly(2, 10), new TimeOnly(2, 50));
        Assert.Equal(Utc("2026-03-30T00:10:00"), within.NextChange(Utc("2026-03-28T02:00:00"), Berlin));
    }

    [Fact]
    public void A_time_that_the_clock_shows_twice_counts_twice()
    {
        // 2026-10-25: at 3:00 (1:00 UTC) it is 2:00 again.
        var night = Night(new TimeOnly(2, 15), new TimeOnly(2, 45));
        var changes = new List<DateTimeOffset>();
        for (var at = Utc("2026-10-24T12:00:00"); changes.Count < 4; at = changes[^1]) changes.Add(night.NextChange(at, Berlin)!.Value);
        Assert.Equal([Utc("2026-10-25T00:15:00"), Utc("2026-10-25T00:45:00"), Utc("2026-10-25T01:15:00"), Utc("2026-10-25T01:45:00")], changes);
    }

    [Fact]
    public void Without_entries_nothing_changes() => Assert.Null(new BandwidthTimetable(new BandwidthLimits(1, 2), []).NextChange(Utc("2026-11-16T00:00:00"), Berlin));

    [Fact]
    public void The_limits_follow_the_clock_and_what_is_set_by_hand()
    {
        var time = new ManualTime { Zone = TimeZoneInfo.Utc };
        time.Advance(Utc("2026-11-23T07:58:30") - time.GetUtcNow());
        using var control = new BandwidthControl(time, Office);
        Assert.Equal((5000, 0), (control.Upload.BytesPerSecond, control.Download.BytesPerSecond));
        Assert.Equal(new BandwidthState(new BandwidthLimits(5000, 0), BandwidthOverride.None, Utc("2026-11-23T08:00:00")), control.Read());

        time.Advance(TimeSpan.FromSeconds(30));
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(5000, control.Upload.BytesPerSecond);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((1000, 2000), (control.Upload.BytesPerSecond, control.Download.BytesPerSecond));

        control.Override = new BandwidthOverride(77, null);
        Assert.Equal((77, 2000), (control.Upload.BytesPerSecond, control.Download.BytesPerSecond));
        Assert.Equal(Utc("2026-11-23T12:00:00"), control.Read().NextChange);
        control.Override = new BandwidthOverride(77, 0);
        Assert.Equal((77, 0), (control.Upload.BytesPerSecond, control.Download.BytesPerSecond));
        Assert.Null(control.Read().NextChange);

        control.Override = BandwidthOverride.None;
        control.Timetable = new BandwidthTimetable(new BandwidthLimits(9, 8), []);
        Assert.Equal((9, 8), (control.Upload.BytesPerSecond, control.Download.BytesPerSecond));
    }

    private static BandwidthTimetable Night(TimeOnly from, TimeOnly to) => new(BandwidthLimits.None, [new BandwidthEntry(Everyday, from, to, 1, 1)]);

    private static DateTimeOffset Utc(string time) => DateTimeOffset.Parse(time + "Z");
}
