using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace SyncAgent.Torture.Economy;

/// <summary>A link: passes TCP connections on to a server, what clients send at a limited rate that all of them share, and counts it.</summary>
internal sealed class ThrottledProxy : IAsyncDisposable
{
    private const int BufferSize = 64 << 10;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _server;
    private readonly long _bytesPerSecond;
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private long _freeAt = Stopwatch.GetTimestamp();
    private long _sent;

    /// <summary>Starts a link to a server.</summary>
    public ThrottledProxy(EndPoint server, long bytesPerSecond)
    {
        _server = server;
        _bytesPerSecond = bytesPerSecond;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes that clients have sent, requests' lines and headers included.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = PassAsync(await _listener.AcceptSocketAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // the link is taken down
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                client.NoDelay = true;
                await server.ConnectAsync(_server, _stop.Token);
                // A client that was killed is gone for the server too; one that only ends its half goes on reading.
                await Task.WhenAll(CopyAsync(client, server, isLimited: true), CopyAsync(server, client, isLimited: false));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone: so is the connection.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool isLimited)
    {
        var buffer = new byte[BufferSize];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer, _stop.Token)) > 0;)
            {
                if (isLimited) await PaceAsync(count);
                await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            to.Dispose();
            throw;
        }
    }

    private async Task PaceAsync(int bytes)
    {
        Interlocked.Add(ref _sent, bytes);
        TimeSpan wait;
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _freeAt = Math.Max(_freeAt, now) + (bytes * Stopwatch.Frequency / _bytesPerSecond);
            wait = Stopwatch.GetElapsedTime(now, _freeAt);
        }

        if (wait > TimeSpan.FromMilliseconds(1)) await Task.Delay(wait, _stop.Token);
    }
}
