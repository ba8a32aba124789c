using System.Runtime.Versioning;
using Microsoft.Win32;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>What starts when the present user logs on: the registry's Run key.</summary>
[SupportedOSPlatform("windows")]
internal static class LogonStart
{
    private const string Key = @"Software\Microsoft\Windows\CurrentVersion\Run";
    private const string Value = "SyncAgent";

    /// <summary>Where it stands, for people.</summary>
    public const string Place = $@"HKCU\{Key}\{Value}";

    /// <summary>The command line; null when nothing starts.</summary>
    public static string? Read()
    {
        using var key = Registry.CurrentUser.OpenSubKey(Key);
        return key?.GetValue(Value) as string;
    }

    /// <summary>Has a command line start; null has none start any more.</summary>
    public static void Write(string? commandLine)
    {
        using var key = Registry.CurrentUser.CreateSubKey(Key);
        if (commandLine is null) key.DeleteValue(Value, throwOnMissingValue: false);
        else key.SetValue(Value, commandLine);
    }
}
