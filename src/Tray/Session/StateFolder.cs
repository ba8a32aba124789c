namespace SyncAgent.Tray.Session;

/// <summary>Where agents keep their state, as docs/operations.md tells it.</summary>
internal static class StateFolder
{
    /// <summary>The per-user default: <c>$XDG_STATE_HOME/syncagent</c>, else <c>~/.local/state/syncagent</c>; on Windows <c>%LOCALAPPDATA%\SyncAgent</c>.</summary>
    public static string Default(Func<string, string?> environment)
    {
        // The XDG specification: relative paths in these variables are to be ignored.
        if (environment("XDG_STATE_HOME") is { } state && Path.IsPathFullyQualified(state)) return Path.Combine(state, "syncagent");
        if (OperatingSystem.IsWindows())
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "SyncAgent");
        var home = environment("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".local", "state", "syncagent");
    }
}
