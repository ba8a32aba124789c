using System.ComponentModel;
using System.Diagnostics;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// A killed agent that cannot end: its last thread tells the kernel of a change and waits there, uninterruptibly, for a page or a folder that is
/// locked by a program whose request nobody answers any more. It keeps the lock of its state folder, and everybody who looks into its drive hangs,
/// until its connection is aborted.
/// </summary>
internal static class StuckAgent
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Aborts the mounts of an agent that was killed and still holds the lock of a state folder, and waits until it has ended. An agent
    /// that lives is left alone.</summary>
    public static async Task ReleaseAsync(string state, MountRegistry registry, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux() || !AgentLock.IsHeld(state)) return;
        var dead = registry.All().Where(entry => entry.State == state && IsKilled(entry.Pid)).ToList();
        if (dead.Count == 0) return;
        foreach (var entry in dead)
        {
            if (LinuxMounts.TryFind(entry.MountPoint, out var mount) && mount.FileSystemType == DeadMount.OurType) FuseConnection.TryAbort(mount);
        }

        var begun = time.GetTimestamp();
        while (AgentLock.IsHeld(state) && time.GetElapsedTime(begun) < Patience) await Task.Delay(Pause, time, cancellationToken);
    }

    /// <summary>Waits until an agent has ended, and with it the use of its state folder.</summary>
    /// <returns>False when it has not within <paramref name="atMost"/>.</returns>
    public static async Task<bool> EndedAsync(int pid, TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (!IsKilled(pid))
        {
            if (time.GetElapsedTime(begun) > atMost) return false;
            await Task.Delay(Pause, time, cancellationToken);
        }

        return true;
    }

    /// <summary>Whether a process has only threads left that are about to end.</summary>
    internal static bool IsKilled(int pid)
    {
        if (OperatingSystem.IsWindows()) return ProcessIsGone(pid);
        try
        {
            // "pid (name) state ...": its first thread is a zombie as soon as the others are all that is left.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..] is ['Z' or 'X', ..];
        }
        catch (IOException)
        {
            return true; // gone, and with it the lock in a moment
        }
    }

    private static bool ProcessIsGone(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or Win32Exception)
        {
            return true; // gone, or somebody else's by now
        }
    }
}
