using System.Globalization;

namespace SyncAgent.Agent.Configuration;

/// <summary>Sizes as people write and read them: "8MiB", "512k", "10 GB". Binary and decimal units are told apart by the "i";
/// a bare letter is binary, as in dd and rclone.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, long Factor)[] Units =
    [
        ("kib", 1L << 10), ("mib", 1L << 20), ("gib", 1L << 30), ("tib", 1L << 40),
        ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000),
        ("k", 1L << 10), ("m", 1L << 20), ("g", 1L << 30), ("t", 1L << 40),
        ("b", 1),
    ];

    /// <summary>What a size looks like, as a regular expression.</summary>
    public const string Pattern = "^ *[0-9]*[.]?[0-9]+ *([kmgtKMGT]([iI]?[bB])?|[bB])? *$";

    /// <summary>Reads a size in bytes; false when it is none, negative, or too large for 63 bits.</summary>
    public static bool TryParse(string text, out long bytes)
    {
        var number = text.Trim();
        var factor = 1L;
        foreach (var (suffix, unit) in Units)
        {
            if (!number.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) continue;
            number = number[..^suffix.Length].TrimEnd();
            factor = unit;
            break;
        }

        bytes = 0;
        if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
        if (value > long.MaxValue / factor) return false;
        bytes = (long)(value * factor);
        return true;
    }

    /// <summary>For people: three figures and a binary unit.</summary>
    public static string Format(long bytes)
    {
        string[] names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        double value = bytes;
        var unit = 0;
        for (; Math.Abs(value) >= 1024 && unit < names.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {names[unit]}");
    }
}
