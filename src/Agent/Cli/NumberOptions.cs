using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace SyncAgent.Agent.Cli;

/// <summary>Options with numbers in a range; anything else is a wrong command line.</summary>
internal static class NumberOptions
{
    private const double MostSeconds = 1e9;

    /// <summary>Seconds, fractions allowed.</summary>
    public static Option<TimeSpan?> Seconds(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            if (double.TryParse(TokenOf(result), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= MostSeconds)
                return TimeSpan.FromSeconds(seconds);
            result.AddError($"{name}: \"{TokenOf(result)}\" is no number of seconds.");
            return null;
        },
    };

    /// <summary>A TCP port; 0, the default, for any free one.</summary>
    public static Option<int> Port(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            if (int.TryParse(TokenOf(result), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535) return port;
            result.AddError($"{name}: \"{TokenOf(result)}\" is no port.");
            return 0;
        },
    };

    /// <summary>A whole number in a range; without one a default.</summary>
    public static Option<int> Count(string name, string description, int most, int usually) => new(name)
    {
        Description = $"{description} (default {usually})",
        HelpName = "COUNT",
        DefaultValueFactory = _ => usually,
        CustomParser = result =>
        {
            if (int.TryParse(TokenOf(result), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most) return number;
            result.AddError($"{name}: \"{TokenOf(result)}\" is no whole number from 1 to {most}.");
            return usually;
        },
    };

    private static string TokenOf(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
}
