using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Fs.Linux.Interop;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>Mounts with mount(2), for root and services with CAP_SYS_ADMIN.</summary>
internal sealed class SystemMounter : IMounter
{
    private const string Device = "/dev/fuse";

    /// <inheritdoc/>
    public SafeFileHandle Mount(string mountPoint, FuseMountOptions options)
    {
        var descriptor = Libc.Open(Device, Libc.O_RDWR | Libc.O_CLOEXEC);
        if (descriptor < 0) throw CannotOpen((Errno)Marshal.GetLastPInvokeError());
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var flags = Libc.MS_NOSUID | Libc.MS_NODEV | (options.ReadOnly ? Libc.MS_RDONLY : 0);
        if (Libc.Mount(options.FsName, mountPoint, options.FileSystemType, flags, Data(descriptor, options)) == 0)
            return handle;
        var error = (Errno)Marshal.GetLastPInvokeError();
        handle.Dispose();
        throw error == Errno.EPERM
            ? new FuseException(
                FuseFailure.NotPermitted,
                $"mount(2) on {mountPoint} is not permitted.",
                "In a container it needs the capability SYS_ADMIN (and no AppArmor profile against mounting).")
            : new FuseException(FuseFailure.Other, $"mount(2) on {mountPoint} failed: {Describe(error)}.", "");
    }

    /// <inheritdoc/>
    public UnmountResult Unmount(string mountPoint, bool lazy)
    {
        if (Libc.Unmount(mountPoint, Libc.UMOUNT_NOFOLLOW | (lazy ? Libc.MNT_DETACH : 0)) == 0)
            return lazy ? UnmountResult.Detached : UnmountResult.Unmounted;
        var error = (Errno)Marshal.GetLastPInvokeError();
        return error switch
        {
            Errno.EBUSY => UnmountResult.Busy,
            Errno.EINVAL or Errno.ENOENT => UnmountResult.NotMounted,
            _ => throw new FuseException(FuseFailure.Other, $"umount of {mountPoint} failed: {Describe(error)}.", ""),
        };
    }

    /// <summary>Why /dev/fuse cannot be opened, and what helps.</summary>
    internal static FuseException CannotOpen(Errno error) => error switch
    {
        Errno.ENOENT => new FuseException(
            FuseFailure.DeviceMissing, $"{Device} does not exist.", "Load the module with 'modprobe fuse'; for a container add '--device /dev/fuse'."),
        Errno.ENODEV or Errno.ENXIO => new FuseException(
            FuseFailure.DeviceMissing, $"{Device} has no driver.", "Load the module with 'modprobe fuse'."),
        Errno.EACCES or Errno.EPERM => new FuseException(
            FuseFailure.NotPermitted, $"{Device} is not permitted.", "Make it accessible with 'chmod 0666 /dev/fuse'; for a container add '--device /dev/fuse'."),
        _ => new FuseException(FuseFailure.Other, $"{Device} cannot be opened: {Describe(error)}.", ""),
    };

    private static string Data(int descriptor, FuseMountOptions options)
    {
        var data = string.Create(
            CultureInfo.InvariantCulture,
            $"fd={descriptor},rootmode=40000,user_id={Libc.EffectiveUser()},group_id={Libc.EffectiveGroup()},max_read={FuseProtocol.MaxTransfer}");
        if (options.DefaultPermissions) data += ",default_permissions";
        if (options.AllowOther) data += ",allow_other";
        return data;
    }

    private static string Describe(Errno error) => Marshal.GetPInvokeErrorMessage((int)error);
}
