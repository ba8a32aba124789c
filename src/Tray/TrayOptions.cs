using System.Diagnostics.CodeAnalysis;

namespace SyncAgent.Tray;

/// <summary>The command line of the tray.</summary>
/// <param name="GivenState">Absolute path of the state folder whose agent is shown; null for the user's own.</param>
/// <param name="Autostart">Only to switch that on or off; null to run.</param>
/// <param name="OfSession">Started with a session by a package, not by the user: ends at once where no agent ever ran.</param>
/// <param name="ShowHelp">Only to tell how it is used.</param>
/// <param name="ShowVersion">Only to tell the version.</param>
internal sealed record TrayOptions(string? GivenState, bool? Autostart, bool OfSession, bool ShowHelp, bool ShowVersion)
{
    /// <summary>How it is used.</summary>
    public const string Usage = """
        syncagent-tray [--state DIR]                    shows what the agent of a state folder is doing
        syncagent-tray [--state DIR] --autostart on     starts with your session
        syncagent-tray --autostart off                  does not any more
        syncagent-tray --session                        ends at once where no agent ever ran: for autostart entries of packages
        syncagent-tray --version
        """;

    /// <summary>Reads the arguments; false, with what is wrong, when they cannot be understood.</summary>
    public static bool TryParse(
        IReadOnlyList<string> arguments, [NotNullWhen(true)] out TrayOptions? options, [NotNullWhen(false)] out string? error)
    {
        var read = new TrayOptions(null, null, false, false, false);
        options = null;
        error = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--state" when value is { Length: > 0 }:
                    read = read with { GivenState = Path.GetFullPath(value) };
                    i++;
                    break;
                case "--autostart" when value is "on" or "off":
                    read = read with { Autostart = value == "on" };
                    i++;
                    break;
                case "--session":
                    read = read with { OfSession = true };
                    break;
                case "--help" or "-h":
                    read = read with { ShowHelp = true };
                    break;
                case "--version":
                    read = read with { ShowVersion = true };
                    break;
                default:
                    error = $"syncagent-tray: \"{arguments[i]}\" is not understood.\n{Usage}";
                    return false;
            }
        }

        options = read;
        return true;
    }
}
