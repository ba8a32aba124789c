using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Fs.Linux.Interop;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>
/// Mounts through the set-user-id program fusermount3 (package fuse3), for ordinary users. It opens /dev/fuse with the user's own
/// rights, mounts, and sends the descriptor over the socket whose number is in _FUSE_COMMFD.
/// </summary>
internal sealed unsafe class FusermountMounter : IMounter
{
    private const string Helper = "fusermount3";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public SafeFileHandle Mount(string mountPoint, FuseMountOptions options)
    {
        var pair = stackalloc int[2];
        if (Libc.SocketPair(Libc.AF_UNIX, Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC, 0, pair) != 0) throw SocketFailed();
        using var ours = new SafeFileHandle(pair[0], ownsHandle: true);
        using var theirs = new SafeFileHandle(pair[1], ownsHandle: true);

        // Inheritable for the moment of the start. Should another child of this process catch it too, nothing is lost: it is
        // neither the device nor waited for.
        if (Libc.FileControl(theirs, Libc.F_SETFD, 0) != 0) throw SocketFailed();
        var (exitCode, errors) = Run(pair[1], "-o", Data(options), "--", mountPoint);
        if (exitCode != 0) throw MountFailed(mountPoint, errors);
        return ReceiveDevice(ours);
    }

    /// <inheritdoc/>
    public UnmountResult Unmount(string mountPoint, bool lazy)
    {
        var (exitCode, errors) = Run(null, lazy ? "-uz" : "-u", "--", mountPoint);
        if (exitCode == 0) return lazy ? UnmountResult.Detached : UnmountResult.Unmounted;
        if (errors.Contains("busy", StringComparison.OrdinalIgnoreCase)) return UnmountResult.Busy;
        if (errors.Contains("not found in", StringComparison.Ordinal)
            || errors.Contains("Invalid argument", StringComparison.OrdinalIgnoreCase))
        {
            return UnmountResult.NotMounted;
        }

        throw new FuseException(FuseFailure.Other, $"{Helper} could not unmount {mountPoint}: {errors}", "");
    }

    private static string Data(FuseMountOptions options)
    {
        var data = string.Create(
            CultureInfo.InvariantCulture,
            $"{(options.ReadOnly ? "ro" : "rw")},nosuid,nodev,fsname={options.FsName},subtype={options.Subtype},max_read={FuseProtocol.MaxTransfer}");
        if (options.DefaultPermissions) data += ",default_permissions";
        if (options.AllowOther) data += ",allow_other";
        return data;
    }

    private static (int ExitCode, string Errors) Run(int? socket, params string[] arguments)
    {
        var start = new ProcessStartInfo(Helper, arguments) { RedirectStandardError = true, WorkingDirectory = "/" };
        // Not ours, which may have keys in it: the helper needs to find what it runs itself, and no more.
        var path = start.Environment.TryGetValue("PATH", out var folders) ? folders : null;
        start.Environment.Clear();
        start.Environment["PATH"] = path;
        start.Environment["LC_ALL"] = "C"; // its words are compared
        if (socket is { } number) start.Environment["_FUSE_COMMFD"] = number.ToString(CultureInfo.InvariantCulture);
        try
        {
            using var process = Process.Start(start) ?? throw new InvalidOperationException("no process was started");
            var errors = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(Patience))
            {
                process.Kill();
                throw new FuseException(FuseFailure.Other, $"{Helper} did not end within {Patience.TotalSeconds} s.", "");
            }

            return (process.ExitCode, errors.GetAwaiter().GetResult().Trim());
        }
        catch (Win32Exception e)
        {
            throw new FuseException(
                FuseFailure.HelperMissing, $"{Helper} could not be started.", "Install the package fuse3, or run as root.", e);
        }
    }

    private static FuseException MountFailed(string mountPoint, string errors)
    {
        var message = $"{Helper} could not mount {mountPoint}: {errors}";
        if (errors.Contains("/dev/fuse: Permission denied", StringComparison.Ordinal))
            return new FuseException(FuseFailure.NotPermitted, message, "Make the device accessible with 'chmod 0666 /dev/fuse'.");
        if (errors.Contains("/dev/fuse", StringComparison.Ordinal))
            return new FuseException(FuseFailure.DeviceMissing, message, "Load the module with 'modprobe fuse'.");
        if (errors.Contains("user_allow_other", StringComparison.Ordinal))
            return new FuseException(FuseFailure.NotPermitted, message, "Write 'user_allow_other' into /etc/fuse.conf, or do not let others in.");
        if (errors.Contains("no write access", StringComparison.Ordinal) || errors.Contains("not owned", StringComparison.Ordinal))
            return new FuseException(FuseFailure.NotPermitted, message, "The mount point must belong to you and be writable.");
        return errors.Contains("not permitted", StringComparison.Ordinal)
            ? new FuseException(FuseFailure.NotPermitted, message, $"{Helper} must be set-user-id root ('chmod u+s').")
            : new FuseException(FuseFailure.Other, message, "");
    }

    private static SafeFileHandle ReceiveDevice(SafeFileHandle socket)
    {
        byte data;
        var vector = new Libc.IoVector { Base = &data, Length = 1 };
        var control = default(Libc.DescriptorMessage);
        var message = new Libc.MessageHeader
        {
            Vectors = &vector,
            VectorCount = 1,
            Control = &control,
            ControlLength = (nuint)sizeof(Libc.DescriptorMessage),
        };

        // The helper has ended well, so the message is there: nothing to wait for.
        var received = Libc.ReceiveMessage(socket, &message, Libc.MSG_CMSG_CLOEXEC | Libc.MSG_DONTWAIT);
        if (received < 0) throw SocketFailed();
        if (received == 0 || control.Level != Libc.SOL_SOCKET || control.Type != Libc.SCM_RIGHTS)
            throw new FuseException(FuseFailure.Other, $"{Helper} ended without sending the device.", "");
        return new SafeFileHandle(control.Descriptor, ownsHandle: true);
    }

    private static FuseException SocketFailed() =>
        new(FuseFailure.Other, $"The socket for {Helper} failed: {Marshal.GetLastPInvokeErrorMessage()}.", "");
}
