using System.Runtime.Versioning;
using System.Text;
using Microsoft.Win32;

namespace SyncAgent.Tray.Session;

/// <summary>Has the tray start with the present user's session: an XDG autostart entry on Linux, the registry's Run key on Windows.</summary>
internal static class Autostart
{
    private const string EntryName = "syncagent-tray.desktop";
    private const string Hidden = "[Desktop Entry]\nType=Application\nName=SyncAgent\nHidden=true\n";
    private const string RunKey = @"Software\Microsoft\Windows\CurrentVersion\Run";
    private const string OwnKey = @"Software\SyncAgent";
    private const string OffValue = "TrayAutostartOff";
    private const string RunValue = "SyncAgent.Tray";

    /// <summary>Switches it on, for this program, or off. Returns what was written or removed, for the user.</summary>
    /// <param name="on">Which.</param>
    /// <param name="stateFolder">Whose agent is shown; null for the user's own.</param>
    /// <param name="environment">Reads an environment variable.</param>
    public static string Set(bool on, string? stateFolder, Func<string, string?> environment)
    {
        if (OperatingSystem.IsWindows()) return SetRunKey(on, stateFolder);
        var entry = Path.Combine(ConfigFolder(environment), "autostart", EntryName);
        if (!on && !IsOfMachine(environment))
        {
            File.Delete(entry);
            return entry;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(entry)!);
        // Half an entry is none: the session ignores it, and the command can be given again.
        using var file = new StreamWriter(entry, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        file.Write(on ? Entry(ProgramOf(environment), stateFolder) : Hidden);
        return entry;
    }

    // A package has it start for all users: then an entry of the same name that is hidden keeps it from starting for this one.
    private static bool IsOfMachine(Func<string, string?> environment) =>
        (environment("XDG_CONFIG_DIRS") is { Length: > 0 } given ? given : "/etc/xdg").Split(':')
            .Any(folder => Path.IsPathFullyQualified(folder) && File.Exists(Path.Combine(folder, "autostart", EntryName)));

    /// <summary>The entry that starts a program.</summary>
    public static string Entry(string program, string? stateFolder)
    {
        using var stream = typeof(Autostart).Assembly.GetManifestResourceStream(EntryName + ".in")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Replace("@EXEC@", Quote(program) + (stateFolder is null ? "" : $" --state {Quote(stateFolder)}"), StringComparison.Ordinal);
    }

    // Where a launcher started us it says so: the program itself may not find its .NET in a session.
    private static string ProgramOf(Func<string, string?> environment) =>
        environment("SYNCAGENT_LAUNCHER") is { Length: > 0 } launcher ? launcher : Environment.ProcessPath!;

    private static string ConfigFolder(Func<string, string?> environment)
    {
        // The XDG specification: relative paths in these variables are to be ignored.
        if (environment("XDG_CONFIG_HOME") is { } config && Path.IsPathFullyQualified(config)) return config;
        var home = environment("HOME") is { Length: > 0 } set ? set : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".config");
    }

    // The Desktop Entry Specification: quoted, with four characters escaped, then the string's own escapes, and no field codes.
    private static string Quote(string program)
    {
        var quoted = new StringBuilder("\"");
        foreach (var letter in program)
        {
            if (letter is '"' or '`' or '$' or '\\') quoted.Append('\\');
            quoted.Append(letter);
        }

        return quoted.Append('"').Replace("\\", "\\\\").Replace("%", "%%").ToString();
    }

    /// <summary>Whether the present user has switched off that the tray starts with all sessions of the machine. On Linux the session itself knows that.</summary>
    public static bool IsOffForUser()
    {
        if (!OperatingSystem.IsWindows()) return false;
        using var key = Registry.CurrentUser.OpenSubKey(OwnKey);
        return key?.GetValue(OffValue) is 1;
    }

    [SupportedOSPlatform("windows")]
    private static string SetRunKey(bool on, string? stateFolder)
    {
        // A package has it start for all users, from a key that only administrators may change.
        using (var own = Registry.CurrentUser.CreateSubKey(OwnKey))
        {
            if (on) own.DeleteValue(OffValue, throwOnMissingValue: false);
            else own.SetValue(OffValue, 1);
        }

        using var key = Registry.CurrentUser.CreateSubKey(RunKey);
        if (on) key.SetValue(RunValue, $"\"{Environment.ProcessPath}\"" + (stateFolder is null ? "" : $" --state \"{stateFolder}\""));
        else key.DeleteValue(RunValue, throwOnMissingValue: false);
        return $@"HKCU\{RunKey}\{RunValue}";
    }
}
