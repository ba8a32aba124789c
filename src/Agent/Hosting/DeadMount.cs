using System.Diagnostics;
using SyncAgent.Fs.Linux;

namespace SyncAgent.Agent.Hosting;

/// <summary>What a killed agent leaves in the tree: a mount that answers "not connected" to everything.</summary>
internal static class DeadMount
{
    /// <summary>Type of our mounts.</summary>
    public const string OurType = "fuse.syncagent";

    /// <summary>Takes dead mounts of ours away from a folder. The caller has made sure that no agent serves them.</summary>
    /// <returns>False when nothing of ours is mounted there.</returns>
    public static async Task<bool> TryClearAsync(string mountPoint, CancellationToken cancellationToken)
    {
        var found = false;
        while (OperatingSystem.IsLinux() && LinuxMounts.TryFind(mountPoint, out var mount) && mount.FileSystemType == OurType)
        {
            found = true;
            await DetachAsync(mountPoint, cancellationToken);
        }

        return found;
    }

    private static async Task DetachAsync(string mountPoint, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("fusermount3", ["-u", "-z", "--", mountPoint]) { RedirectStandardError = true, WorkingDirectory = "/" };
        // Not ours, which may have keys in it.
        var path = start.Environment.TryGetValue("PATH", out var folders) ? folders : null;
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        using var process = Process.Start(start) ?? throw new IOException("fusermount3 did not start; install the package fuse3.");
        var error = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0) throw new IOException($"{mountPoint} cannot be unmounted: {error.Trim()}");
    }
}
