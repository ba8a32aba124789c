namespace SyncAgent.Agent.Cli;

/// <summary>Where things are when nobody says, as the help of a command writes it.</summary>
internal static class UsualPlaces
{
    /// <summary>The user's configuration file.</summary>
    public static string Config => OperatingSystem.IsWindows() ? @"%APPDATA%\SyncAgent\config.json" : "~/.config/syncagent/config.json";

    /// <summary>That of the machine's service.</summary>
    public static string SystemConfig => OperatingSystem.IsWindows() ? @"%ProgramData%\SyncAgent\config.json" : "/etc/syncagent/config.json";

    /// <summary>The user's state folder.</summary>
    public static string State => OperatingSystem.IsWindows() ? @"%LOCALAPPDATA%\SyncAgent" : "~/.local/state/syncagent";
}
