using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SyncAgent.Fs.Linux.Interop;

namespace SyncAgent.Fs.Linux.Session;

/// <summary>An open /dev/fuse that belongs to a mount. Its descriptor is close-on-exec: a child that held it would keep a dead
/// mount alive, with everyone in it waiting.</summary>
internal sealed unsafe class FuseDevice(SafeFileHandle handle) : IFuseChannel, IDisposable
{
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
            return sent >= 0 ? Errno.None : (Errno)Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Ends the connection, if no other process holds the device.</summary>
    public void Dispose() => handle.Dispose();
}
