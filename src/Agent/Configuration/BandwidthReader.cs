using System.Globalization;
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
    public const string Form = "expected bytes per second of at least 1KiB, like \"2MiB\", or \"unlimited\"";

    private static readonly (string Name, DayOfWeek[] Days)[] Names =
    [
        ("mon", [DayOfWeek.Monday]), ("tue", [DayOfWeek.Tuesday]), ("wed", [DayOfWeek.Wednesday]), ("thu", [DayOfWeek.Thursday]),
        ("fri", [DayOfWeek.Friday]), ("sat", [DayOfWeek.Saturday]), ("sun", [DayOfWeek.Sunday]),
        ("workdays", [DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday, DayOfWeek.Friday]),
        ("weekend", [DayOfWeek.Saturday, DayOfWeek.Sunday]),
        ("all", Enum.GetValues<DayOfWeek>()),
    ];

    /// <summary>Reads a rate: 0 for no limit.</summary>
    public static bool TryParseRate(string text, out long rate)
    {
        rate = 0;
        return text.Trim().Equals(Unlimited, StringComparison.OrdinalIgnoreCase)
            || (ByteSize.TryParse(text, out rate) && (rate == 0 || rate >= LeastRate));
    }

    /// <summary>A rate for people.</summary>
    public static string Show(long rate) => rate == 0 ? Unlimited : $"{ByteSize.Format(rate)}/s";

    /// <summary>A rate of a section; null when it is not set.</summary>
    public static long? ReadRate(ConfigSection section, string name, ICollection<string> mistakes)
    {
        if (!section.IsText(name)) return section.Size(name, LeastRate, long.MaxValue);
        if (TryParseRate(section.Text(name)!, out var rate)) return rate;
        mistakes.Add($"{section.At(name)}: {Form}.");
        return null;
    }

    /// <summary>The list <c>timetable</c> of a section, or null when there is none.</summary>
    public static IReadOnlyList<BandwidthEntry>? ReadTimetable(ConfigSection section, ICollection<string> mistakes)
    {
        var sections = section.Sections("timetable");
        return sections.Count == 0 ? null : [.. sections.Select(entry => ReadEntry(entry, mistakes))];
    }

    private static BandwidthEntry ReadEntry(ConfigSection section, ICollection<string> mistakes)
    {
        var entry = new BandwidthEntry(
            ReadDays(section, mistakes), ReadTime(section, "from", mistakes), ReadTime(section, "to", mistakes),
            ReadRate(section, "upload", mistakes), ReadRate(section, "download", mistakes));
        section.RefuseUnknown();
        return entry;
    }

    private static List<DayOfWeek> ReadDays(ConfigSection section, ICollection<string> mistakes)
    {
        var days = new List<DayOfWeek>();
        foreach (var word in section.Words("days"))
        {
            var known = Array.Find(Names, name => name.Name.Equals(word, StringComparison.OrdinalIgnoreCase)).Days;
            if (known is not null) days.AddRange(known.Except(days));
            else mistakes.Add($"{section.At("days")}: \"{word}\" is none of {string.Join(", ", Names.Select(name => name.Name))}.");
        }

        if (days.Count == 0) mistakes.Add($"{section.At("days")}: name at least one day, like [\"mon\", \"tue\"] or [\"workdays\"].");
        return days;
    }

    private static TimeOnly ReadTime(ConfigSection section, string name, ICollection<string> mistakes)
    {
        // The day's end may be written as 24:00.
        var text = section.Text(name);
        if (text == "24:00") return TimeOnly.MinValue;
        if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)) return time;
        mistakes.Add($"{section.At(name)}: expected a time like \"08:30\".");
        return default;
    }
}
