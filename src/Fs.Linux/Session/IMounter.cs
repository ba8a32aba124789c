using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>A way to mount and unmount: with the system calls, or through fusermount3.</summary>
internal interface IMounter
{
    /// <summary>Mounts and returns the open device that serves the mount, close-on-exec.</summary>
    /// <exception cref="FuseException">It did not work.</exception>
    SafeFileHandle Mount(string mountPoint, FuseMountOptions options);

    /// <summary>Unmounts what is on top at the path.</summary>
    /// <param name="mountPoint">Resolved path.</param>
    /// <param name="lazy">Take it out of the tree even when files are open.</param>
    /// <exception cref="FuseException">It did not work, for another reason than open files.</exception>
    UnmountResult Unmount(string mountPoint, bool lazy);
}

/// <summary>Chooses by what this process may do.</summary>
internal static class Mounters
{
    private const int CapSysAdmin = 21;

    /// <summary>The system calls with CAP_SYS_ADMIN, else fusermount3.</summary>
    public static IMounter Choose() => MayMount(File.ReadLines("/proc/self/status")) ? new SystemMounter() : new FusermountMounter();

    /// <summary>Whether a status file of /proc shows CAP_SYS_ADMIN in the effective set.</summary>
    internal static bool MayMount(IEnumerable<string> status) => status.Any(line =>
        line.StartsWith("CapEff:", StringComparison.Ordinal)
        && ulong.TryParse(
            line.AsSpan(7).Trim(), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture, out var set)
        && (set & (1UL << CapSysAdmin)) != 0);
}
