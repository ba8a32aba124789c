using System.Globalization;
using SyncAgent.Agent.Configuration.Keys;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>Reads bandwidth: rates, and times of the week with rates of their own.</summary>
internal static class BandwidthReader
{
    /// <summary>What a person writes for no limit.</summary>
    public const string Unlimited = "unlimited";

    /// <summary>Below this nothing that a store does in time would get through.</summary>
    public const long LeastRate = 1 << 10;

    /// <summary>What a rate looks like, for messages.</summary>
    public const string Form = "bytes per second of at least 1KiB, like \"2MiB\", or \"unlimited\"";

    private static readonly (string Name, DayOfWeek[] Days)[] Names =
    [
        ("mon", [DayOfWeek.Monday]), ("tue", [DayOfWeek.Tuesday]), ("wed", [DayOfWeek.Wednesday]), ("thu", [DayOfWeek.Thursday]),
        ("fri", [DayOfWeek.Friday]), ("sat", [DayOfWeek.Saturday]), ("sun", [DayOfWeek.Sunday]),
        ("workdays", [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday]),
        ("weekend", [DayOfWeek.Saturday, DayOfWeek.Sunday]),
        ("all", Enum.GetValues<DayOfWeek>()),
    ];

    /// <summary>What days are called.</summary>
    public static IReadOnlyList<string> DayNames { get; } = [.. Names.Select(name => name.Name)];

    /// <summary>Reads a rate: 0 for no limit.</summary>
    public static bool TryParseRate(string text, out long rate)
    {
        rate = 0;
        return text.Trim().Equals(Unlimited, StringComparison.OrdinalIgnoreCase)
            || (ByteSize.TryParse(text, out rate) && (rate == 0 || rate >= LeastRate));
    }

    /// <summary>A rate for people.</summary>
    public static string Show(long rate) => rate == 0 ? Unlimited : $"{ByteSize.Format(rate)}/s";

    /// <summary>The timetable of <c>limits</c>, or null when there is none.</summary>
    public static IReadOnlyList<BandwidthEntry>? ReadTimetable(GivenValues limits)
    {
        var sections = limits.Sections(LimitKeys.Timetable);
        return sections.Count == 0 ? null : [.. sections.Select(ReadEntry)];
    }

    private static BandwidthEntry ReadEntry(ConfigSection entry) => new(
        ReadDays(entry), ReadTime(entry, TimetableKeys.From), ReadTime(entry, TimetableKeys.To),
        entry.Value(TimetableKeys.Upload), entry.Value(TimetableKeys.Download));

    private static List<DayOfWeek> ReadDays(ConfigSection entry)
    {
        var days = new List<DayOfWeek>();
        foreach (var word in entry.Words(TimetableKeys.Days) ?? [])
        {
            var known = Array.Find(Names, name => name.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Days;
            if (known is not null) days.AddRange(known.Except(days));
            else entry.Refuse(TimetableKeys.Days, $"\"{word}\" is none of {string.Join(", ", DayNames)}.");
        }

        if (days.Count == 0) entry.Refuse(TimetableKeys.Days, "name at least one day, like [\"mon\", \"tue\"] or [\"workdays\"].");
        return days;
    }

    private static TimeOnly ReadTime(ConfigSection entry, TextKey key)
    {
        // The day's end may be written as 24:00.
        var text = entry.Text(key);
        if (text == "24:00") return TimeOnly.MinValue;
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return time;
        entry.Refuse(key, "expected a time like \"08:30\".");
        return default;
    }
}
