using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>Stands between agent and store. While it is silent it takes connections and bytes and gives nothing on, as a network does that
/// swallows packets; connections of that time, and those that it met, stay dead when it speaks again.</summary>
internal sealed class SilentProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile bool _isSilent;

    /// <param name="store">Where connections lead to.</param>
    public SilentProxy(Uri store)
    {
        _port = store.Port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Endpoint => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Swallows everything from now on.</summary>
    public void FallSilent()
    {
        _isSilent = true;
        foreach (var connection in _connections.Keys) connection.IsDead = true;
    }

    /// <summary>New connections lead to the store again.</summary>
    public void Speak() => _isSilent = false;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        foreach (var connection in _connections.Keys) await connection.Ended;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = new Connection(await _listener.AcceptTcpClientAsync(_end.Token)) { IsDead = _isSilent };
                _connections.TryAdd(connection, true);
                connection.Ended = connection.RunAsync(_port, _end.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // disposed of
        }
    }

    private sealed class Connection(TcpClient client)
    {
        private volatile bool _isDead;

        public bool IsDead
        {
            get => _isDead;
            set => _isDead = value;
        }

        public Task Ended { get; set; } = Task.CompletedTask;

        public async Task RunAsync(int port, CancellationToken end)
        {
            using var store = new TcpClient();
            try
            {
                await store.ConnectAsync(IPAddress.Loopback, port, end);
                await Task.WhenAll(PumpAsync(client, store, end), PumpAsync(store, client, end));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or InvalidOperationException)
            {
                // One of the two has gone, perhaps before its first byte was asked for (then it "is not connected"), or the test is over.
            }
            finally
            {
                client.Dispose();
            }
        }

        private async Task PumpAsync(TcpClient from, TcpClient to, CancellationToken end)
        {
            var buffer = new byte[64 << 10];
            while (await from.GetStream().ReadAsync(buffer, end) is > 0 and var count)
                if (!IsDead) await to.GetStream().WriteAsync(buffer.AsMemory(0, count), end);
            if (IsDead) await Task.Delay(Timeout.InfiniteTimeSpan, end); // nor does anybody hear that the other end has gone
            else to.Client.Shutdown(SocketShutdown.Send);
        }
    }
}
