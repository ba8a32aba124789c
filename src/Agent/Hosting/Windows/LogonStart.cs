using System.Runtime.Versioning;
using Microsoft.Win32;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>What starts when the present user logs on: the registry's Run key.</summary>
[SupportedOSPlatform("windows")]
internal static class LogonStart
{
    private const string Key = @"Software\Microsoft\Windows\CurrentVersion\Run";
    private const string Value = "SyncAgent";

    /// <summary>Written by the tray.</summary>
    private const string TrayValue = "SyncAgent.Tray";

    /// <summary>Where it stands, for people.</summary>
    public const string Place = $@"HKCU\{Key}\{Value}";

    /// <summary>The command line; null when nothing starts.</summary>
    public static string? Read()
    {
        using var key = Registry.CurrentUser.OpenSubKey(Key);
        return key?.GetValue(Value) as string;
    }

    /// <summary>The program is about to go: neither its drives nor its tray start any more, as far as they are those of this program.</summary>
    public static void Leave()
    {
        using var key = Registry.CurrentUser.CreateSubKey(Key);
        foreach (var value in (string[])[Value, TrayValue])
        {
            if (key.GetValue(value) is string line && line.TrimStart('"').StartsWith(Path.GetDirectoryName(Environment.ProcessPath)!, StringComparison.OrdinalIgnoreCase)) key.DeleteValue(value);
        }
    }

    /// <summary>Has a command line start; null has none start any more.</summary>
    public static void Write(string? commandLine)
    {
        using var key = Registry.CurrentUser.CreateSubKey(Key);
        if (commandLine is null) key.DeleteValue(Value, throwOnMissingValue: false);
        else key.SetValue(Value, commandLine);
    }
}
