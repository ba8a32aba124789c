using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SyncAgent.Bench.Server;

/// <summary>
/// The cheapest server that every contender takes for an object store, so that they are what is measured: all calls of S3 that a mounted drive or an upload
/// makes, and those of OSS that an upload makes, over an index in memory. It checks no signature and hashes nothing; bodies are thrown away, and
/// what is read back is a fixed pattern of the object's length.
/// </summary>
internal static class StoreServer
{
    private const int Backlog = 512;

    /// <summary>Serves until the process is killed.</summary>
    /// <param name="portFile">Gets the port, once it listens.</param>
    public static async Task<int> RunAsync(string portFile)
    {
        var store = new Store();
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        await File.WriteAllTextAsync(portFile + ".new", port.ToString(CultureInfo.InvariantCulture));
        File.Move(portFile + ".new", portFile, overwrite: true);
        while (true)
        {
            var socket = await listener.AcceptAsync();
            socket.NoDelay = true;
            // A thread each: some dozens of connections, and blocking reads cost the least.
            new Thread(() => Serve(socket, store), maxStackSize: 256 << 10) { IsBackground = true }.Start();
        }
    }

    private static void Serve(Socket socket, Store store)
    {
        try
        {
            using var connection = new HttpConnection(socket, store.Link);
            var isFirst = true;
            while (connection.Receive() is { } request)
            {
                if (Control.IsFor(request))
                {
                    Control.Answer(connection, request, store);
                    continue;
                }

                if (isFirst) store.Link.Turn();
                isFirst = false;
                S3Api.Answer(connection, request, store);
            }
        }
        catch (SocketException)
        {
            // the client is gone
        }
    }
}
