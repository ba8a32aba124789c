using System.ComponentModel;
using System.Diagnostics;

namespace SyncAgent.Tray.Session;

/// <summary>Opens folders and web addresses with what the user has chosen for them.</summary>
internal static class Opener
{
    /// <summary>Opens something and does not wait for it.</summary>
    /// <exception cref="ShellException">Nothing can.</exception>
    public static void Open(string target)
    {
        // Without the shell's own resolution on Linux: it would run a file that may be run.
        var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(target) { UseShellExecute = true } : new ProcessStartInfo("xdg-open", [target]);
        try
        {
            Process.Start(start)?.Dispose();
        }
        catch (Win32Exception e)
        {
            throw new ShellException(OperatingSystem.IsWindows()
                ? $"It could not be opened: {e.Message}"
                : "It could not be opened: the program xdg-open is missing (Debian, Ubuntu: apt install xdg-utils).");
        }
    }
}
