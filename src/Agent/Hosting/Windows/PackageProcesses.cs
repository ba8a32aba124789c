using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.Versioning;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>The processes of the programs that are installed where this one is.</summary>
[SupportedOSPlatform("windows")]
internal static class PackageProcesses
{
    /// <summary>Class of the tray's window.</summary>
    private const string TrayClass = "SyncAgent.Tray";

    /// <summary>This program.</summary>
    public static string Program => Environment.ProcessPath!;

    /// <summary>The tray's.</summary>
    public static string Tray => Path.Combine(Path.GetDirectoryName(Program)!, "syncagent-tray.exe");

    /// <summary>Whether a command line starts this program.</summary>
    public static bool IsOwn(string commandLine) => commandLine.TrimStart('"').StartsWith(Program, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a process runs this program for the present user: not when it is another user's, or the service's.</summary>
    public static bool IsOwnProcess(int pid) => pid != Service() && Runs(pid, Program);

    /// <summary>Other processes of this program that this user can see, but for that of the service.</summary>
    public static IReadOnlyList<int> Others()
    {
        var found = new List<int>();
        foreach (var process in Process.GetProcessesByName(Path.GetFileNameWithoutExtension(Program)))
        {
            using (process)
            {
                if (process.Id != Environment.ProcessId && IsOwnProcess(process.Id)) found.Add(process.Id);
            }
        }

        return found;
    }

    /// <summary>Has the trays of this desktop end, as by their menu, and waits until they have.</summary>
    /// <returns>Whether there was one.</returns>
    public static unsafe bool CloseTray(TimeSpan patience)
    {
        var closed = false;
        foreach (var window in Windows())
        {
            uint pid;
            if (User32.GetWindowThreadProcessId(window, &pid) == 0 || !Runs((int)pid, Tray)) continue;
            using var process = Process.GetProcessById((int)pid);
            _ = User32.PostMessage(window, User32.WM_CLOSE, 0, 0);
            closed = true;
            if (!process.WaitForExit(patience)) process.Kill();
        }

        return closed;
    }

    /// <summary>Ends a process at once; one that has ended is fine.</summary>
    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // it has ended by itself
        }
    }

    private static int? Service()
    {
        using var manager = new ServiceManager(toChange: false);
        return manager.Find()?.Pid;
    }

    private static unsafe List<nint> Windows()
    {
        var windows = new List<nint>();
        nint window = 0;
        while ((window = User32.FindWindowEx(0, window, TrayClass, null)) != 0) windows.Add(window);
        return windows;
    }

    private static bool Runs(int pid, string program)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return string.Equals(process.MainModule?.FileName, program, StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return false; // gone, or somebody else's
        }
    }
}
