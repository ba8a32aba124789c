using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Fs.Linux.Interop;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>An open /dev/fuse that belongs to a mount. Its descriptor is close-on-exec: a child that held it would keep a dead
/// mount alive, with everyone in it waiting.</summary>
internal sealed unsafe partial class FuseDevice(SafeFileHandle handle, ILogger logger) : IFuseChannel, IDisposable
{
    private readonly ILogger _logger = logger;

    /// <summary>Waits for the next request.</summary>
    /// <param name="buffer">At least the largest write and its headers, else the kernel says EINVAL.</param>
    /// <param name="length">Bytes of the request.</param>
    public Errno Receive(Span<byte> buffer, out int length)
    {
        fixed (byte* bytes = buffer)
        {
            length = (int)Libc.Read(handle, bytes, (nuint)buffer.Length);
        }

        return length >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
    }

    /// <inheritdoc/>
    public Errno Send(ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
        {
            var sent = Libc.Write(handle, bytes, (nuint)message.Length);
            if (sent >= 0) return Errno.None;
        }

        // ENOENT: nobody waits for the reply any more, or the kernel does not know what a notification is about. ENOTDIR,
        // ENOTEMPTY, EBUSY: a notification about a name in use, which is looked up again anyway. ENODEV, ENOTCONN: unmounted.
        var error = (Errno)Marshal.GetLastPInvokeError();
        if (error is not (Errno.ENOENT or Errno.ENOTDIR or Errno.ENOTEMPTY or Errno.EBUSY or Errno.ENODEV or Errno.ENOTCONN))
            LogRefused(message.Length, error);
        return error;
    }

    /// <summary>Ends the connection, if no other process holds the device.</summary>
    public void Dispose() => handle.Dispose();

    [LoggerMessage(1121, LogLevel.Error, "The kernel refused a message of {Length} bytes: {Error}. A caller that waits for it gets EIO.")]
    private partial void LogRefused(int length, Errno error);
}
