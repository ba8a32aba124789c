using System.Globalization;

namespace SyncAgent.Bench.Report;

/// <summary>Numbers as the report writes them.</summary>
internal static class Text
{
    /// <summary>Three digits that count; a dash for none.</summary>
    public static string Of(double? value)
    {
        if (value is not { } number) return "–";
        var format = Math.Abs(number) switch { >= 100 => "N0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.000" };
        return number.ToString(format, CultureInfo.InvariantCulture);
    }
}
