using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary>Reads sizes and numbers from options whose mistakes are told together.</summary>
internal static class GivenNumbers
{
    /// <summary>A size, or null when it was not given.</summary>
    public static long? Size(ParseResult parsed, Option<string> option, long least, long most, ICollection<string> mistakes)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (ByteSize.TryParse(text, out var bytes) && bytes >= least && bytes <= most) return bytes;
        mistakes.Add($"{option.Name}: \"{text}\" is no size from {ByteSize.Format(least)} to {ByteSize.Format(most)}, like 8MiB.");
        return null;
    }

    /// <summary>A number, or null when it was not given.</summary>
    public static double? Number(ParseResult parsed, Option<string> option, double least, double most, bool whole, ICollection<string> mistakes)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            && (!whole || double.IsInteger(number)))
        {
            return number;
        }

        mistakes.Add($"{option.Name}: \"{text}\" is no number from {least} to {most}.");
        return null;
    }
}
