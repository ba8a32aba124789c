using System.Globalization;
using System.Net.Sockets;
using System.Text;
using SyncAgent.Agent.Hosting.Windows;

namespace SyncAgent.Agent.Hosting;

/// <summary>
/// Tells whoever started the process how far it is, by the protocol of sd_notify(3): datagrams to the Unix socket that
/// <c>NOTIFY_SOCKET</c> names (an "@" stands for the abstract name space). Our own detached start listens to the same words; on Windows, where there
/// are no such sockets, the variable names an event, which says only that the process is ready.
/// </summary>
internal static class SystemdNotify
{
    /// <summary>The variable with the socket's address.</summary>
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>Drives are mounted.</summary>
    public const string Ready = "READY=1";

    /// <summary>The end has begun.</summary>
    public const string Stopping = "STOPPING=1";

    /// <summary>The watchdog may wait for another period.</summary>
    public const string Alive = "WATCHDOG=1";

    /// <summary>How long the manager waits for <see cref="Alive"/> before it ends this process, or null: it does not.</summary>
    public static TimeSpan? WatchdogPeriod(Func<string, string?> environment)
    {
        if (!long.TryParse(environment("WATCHDOG_USEC"), CultureInfo.InvariantCulture, out var microseconds) || microseconds <= 0) return null;
        // Variables are inherited: those of another process are no matter of ours.
        return environment("WATCHDOG_PID") is { Length: > 0 } pid && pid != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            ? null
            : TimeSpan.FromMicroseconds(microseconds);
    }

    /// <summary>Sends a line when somebody listens. A listener that is gone does not matter.</summary>
    /// <returns>Whether it was sent.</returns>
    public static bool TrySend(string? address, string state)
    {
        if (OperatingSystem.IsWindows()) return state.Split('\n').Contains(Ready) && ReadyEvent.TrySet(address);
        if (string.IsNullOrEmpty(address) || (address[0] is not ('/' or '@'))) return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
