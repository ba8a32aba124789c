using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SyncAgent.Bench.Sink;

/// <summary>
/// The cheapest server that the clients take for an object store: it reads what it gets and throws it away. It speaks the few calls of S3
/// and of OSS that an upload makes, checks no signature and hashes nothing, so that the client is what is measured.
/// </summary>
internal static class SinkServer
{
    /// <summary>Serves until the process is killed.</summary>
    /// <param name="portFile">Gets the port, once it listens.</param>
    /// <param name="link">Most MiB per second that arrive in all, 0 for no limit: what a network would let through.</param>
    public static async Task<int> RunAsync(string portFile, int link)
    {
        var wire = link == 0 ? null : new Wire((long)link << 20);
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(128);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        await File.WriteAllTextAsync(portFile + ".new", port.ToString(CultureInfo.InvariantCulture));
        File.Move(portFile + ".new", portFile, overwrite: true);
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            // A thread each: a handful of connections, and blocking reads cost the least.
            new Thread(() => Serve(socket, wire)) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket, Wire? wire)
    {
        try
        {
            using var connection = new SinkConnection(socket, wire);
            while (connection.ServeOne())
            {
            }
        }
        catch (SocketException)
        {
            // the client is gone
        }
    }
}
