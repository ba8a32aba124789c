using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Agent.Hosting.DBus;

/// <summary>The socket of a bus: connects, shows who we are (SASL EXTERNAL: the kernel tells the bus our user), and moves whole messages.
/// Blocking, since descriptors come by recvmsg(2) only.</summary>
internal sealed unsafe class DBusSocket : IDisposable
{
    private const int MaxLine = 512;
    private const int MaxDescriptors = 16;
    private const int HeaderSize = 16; // of struct cmsghdr
    private const int Interrupted = 4;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Connects to the first address of a list that works, e.g. <c>unix:path=/run/dbus/system_bus_socket</c>.</summary>
    /// <exception cref="DBusException">None works.</exception>
    public static DBusSocket Connect(string addresses)
    {
        Exception? last = null;
        foreach (var endPoint in addresses.Split(';').Select(EndPointOf).OfType<UnixDomainSocketEndPoint>())
        {
            var socket = new DBusSocket();
            try
            {
                socket._socket.Connect(endPoint);
                socket.Authenticate();
                return socket;
            }
            catch (Exception e) when (e is SocketException or DBusException)
            {
                socket.Dispose();
                last = e;
            }
        }

        throw new DBusException($"there is no bus at {addresses}{(last is null ? "" : ": " + last.Message)}", last);
    }

    /// <summary>Sends a whole message. One caller at a time.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty) message = message[_socket.Send(message)..];
    }

    /// <summary>Waits for the next message; null when the bus has closed the connection.</summary>
    public DBusMessage? Receive()
    {
        var descriptors = new List<SafeFileHandle>();
        DBusMessage? whole = null;
        try
        {
            var header = new byte[DBusMessage.FixedHeader];
            if (!Fill(header, descriptors)) return null;
            var message = new byte[header.Length + DBusMessage.LengthAfter(header)];
            header.CopyTo(message, 0);
            if (!Fill(message.AsSpan(header.Length), descriptors)) return null;
            return whole = DBusMessage.Parse(message, descriptors);
        }
        finally
        {
            // Of a message that breaks off they are nobody's.
            if (whole is null) foreach (var descriptor in descriptors) descriptor.Dispose();
        }
    }

    /// <summary>Ends a <see cref="Receive"/> that is under way.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // the bus was faster
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static UnixDomainSocketEndPoint? EndPointOf(string address)
    {
        if (!address.StartsWith("unix:", StringComparison.Ordinal)) return null;
        foreach (var part in address["unix:".Length..].Split(','))
        {
            if (part.StartsWith("path=", StringComparison.Ordinal)) return new UnixDomainSocketEndPoint(Uri.UnescapeDataString(part[5..]));
            if (part.StartsWith("abstract=", StringComparison.Ordinal)) return new UnixDomainSocketEndPoint('\0' + Uri.UnescapeDataString(part[9..]));
        }

        return null;
    }

    private void Authenticate()
    {
        var user = Encoding.ASCII.GetBytes(NativeMethods.EffectiveUserId().ToString(CultureInfo.InvariantCulture));
        Send("\0"u8);
        Ask($"AUTH EXTERNAL {Convert.ToHexStringLower(user)}\r\n", "OK ");
        Ask("NEGOTIATE_UNIX_FD\r\n", "AGREE_UNIX_FD");
        Send("BEGIN\r\n"u8);
    }

    private void Ask(string line, string wanted)
    {
        Send(Encoding.ASCII.GetBytes(line));
        var answer = new List<byte>();
        var one = new byte[1];
        while (answer.Count < MaxLine && _socket.Receive(one) == 1 && one[0] != '\n') answer.Add(one[0]);
        var text = Encoding.ASCII.GetString([.. answer]).TrimEnd('\r');
        if (!text.StartsWith(wanted, StringComparison.Ordinal)) throw new DBusException($"the bus does not let us in: {text}");
    }

    private bool Fill(Span<byte> buffer, List<SafeFileHandle> descriptors)
    {
        while (!buffer.IsEmpty)
        {
            var length = ReceiveSome(buffer, descriptors);
            if (length == 0) return false;
            buffer = buffer[length..];
        }

        return true;
    }

    private int ReceiveSome(Span<byte> buffer, List<SafeFileHandle> descriptors)
    {
        var control = stackalloc byte[HeaderSize + (MaxDescriptors * sizeof(int))];
        fixed (byte* bytes = buffer)
        {
            var vector = new NativeMethods.IoVector { Base = bytes, Length = (nuint)buffer.Length };
            while (true)
            {
                var message = new NativeMethods.MessageHeader
                {
                    Vectors = &vector, VectorCount = 1, Control = control, ControlLength = HeaderSize + (MaxDescriptors * sizeof(int)),
                };
                var length = NativeMethods.ReceiveMessage(_socket.SafeHandle, &message, NativeMethods.CloseOnExecDescriptors);
                if (length >= 0)
                {
                    Take(control, message.ControlLength, descriptors);
                    return (int)length;
                }

                var error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
                if (error != Interrupted) throw new SocketException(error);
            }
        }
    }

    // One control message carries all descriptors that came with these bytes.
    private static void Take(byte* control, nuint length, List<SafeFileHandle> descriptors)
    {
        if (length < HeaderSize) return;
        var (size, level, type) = (*(nuint*)control, *(int*)(control + 8), *(int*)(control + 12));
        if (level != NativeMethods.SocketLevel || type != NativeMethods.Rights || size > length) return;
        for (var at = HeaderSize; at + sizeof(int) <= (int)size; at += sizeof(int))
            descriptors.Add(new SafeFileHandle(*(int*)(control + at), ownsHandle: true));
    }
}
