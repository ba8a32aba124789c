using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace SyncAgent.Agent.Hosting;

/// <summary>Whose process is at the other end of a connection over 127.0.0.1, as the kernel's tables of sockets say.</summary>
internal static class LoopbackPeer
{
    /// <summary>What has ended is root's in the table, whoever it was of.</summary>
    private const string Established = "01";

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>Whether the other end belongs to this process's user, to root, or cannot be asked about. An agent of root serves whom root
    /// has let in.</summary>
    /// <param name="peer">The other end's own address.</param>
    /// <param name="local">This end's address.</param>
    public static bool MayBeOurs(IPEndPoint peer, IPEndPoint local) => !OperatingSystem.IsLinux() || MayBeOf(NativeMethods.EffectiveUserId(), peer, local);

    /// <summary>The same for a process of any user.</summary>
    internal static bool MayBeOf(uint own, IPEndPoint peer, IPEndPoint local)
    {
        if (own == 0) return true;
        var readable = false;
        foreach (var table in Tables)
        {
            try
            {
                if (FindOwner(File.ReadLines(table), peer, local) is { } owner) return owner == own || owner == 0;
                readable = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // hidden, or no such protocol here
            }
        }

        return !readable;
    }

    /// <summary>The user id that a table of sockets names for one end of a connection, or null.</summary>
    internal static uint? FindOwner(IEnumerable<string> table, IPEndPoint near, IPEndPoint far)
    {
        var (nearEnd, farEnd) = (Format(near), Format(far));
        foreach (var line in table)
        {
            // sl local_address rem_address st tx:rx tr:when retrnsmt uid ...; in the table of IPv6 an IPv4 address is the end of a longer one
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 7 && fields[3] == Established && fields[1].EndsWith(nearEnd, StringComparison.Ordinal) && fields[2].EndsWith(farEnd, StringComparison.Ordinal)
                && uint.TryParse(fields[7], NumberStyles.None, CultureInfo.InvariantCulture, out var owner)) return owner;
        }

        return null;
    }

    // The kernel prints the address as a number of this machine's byte order.
    private static string Format(IPEndPoint end)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (!end.Address.MapToIPv4().TryWriteBytes(bytes, out _)) return "?";
        var number = BitConverter.IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return string.Create(CultureInfo.InvariantCulture, $"{number:X8}:{end.Port:X4}");
    }
}
