using System.Runtime.InteropServices;
using SyncAgent.Fs.Linux.Interop;

namespace SyncAgent.Fs.Linux;

/// <summary>The kernel's end of a mount, seen from outside the process that serves it.</summary>
public static class FuseConnection
{
    private const string Connections = "/sys/fs/fuse/connections";

    /// <summary>Ends every request of a mount with an error, those that run included, and all to come: for a mount whose process is dead. A live
    /// drive would be lost to whoever uses it.</summary>
    /// <returns>False when this process may not, or the mount is gone.</returns>
    public static bool TryAbort(LinuxMount mount)
    {
        ArgumentNullException.ThrowIfNull(mount);
        return TryAbortByControl(mount) || TryAbortByForce(mount);
    }

    // The file belongs to the user who mounted. It is there where fusectl is mounted, as systemd does.
    private static bool TryAbortByControl(LinuxMount mount)
    {
        // "0:51": such file systems have no device, and the kernel names the connection by the minor number.
        if (mount.Device.Split(':') is not ["0", var minor]) return false;
        try
        {
            using var abort = File.OpenHandle(Path.Combine(Connections, minor, "abort"), FileMode.Open, FileAccess.Write);
            RandomAccess.Write(abort, "1"u8, 0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // umount -f, for root: the connection is aborted also when the mount itself stays, being in use.
    private static bool TryAbortByForce(LinuxMount mount) =>
        Libc.Unmount(mount.MountPoint, Libc.MNT_FORCE | Libc.UMOUNT_NOFOLLOW) == 0 || (Errno)Marshal.GetLastPInvokeError() == Errno.EBUSY;
}
