using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>TLS in front of a store. Its certificate can be replaced by another one, as on the day when somebody has forgotten to renew it.</summary>
internal sealed class TlsProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<TcpClient, Task> _connections = new();
    private readonly CancellationTokenSource _end = new();
    private readonly int _port;
    private readonly Task _accepting;
    private volatile X509Certificate2 _certificate;

    /// <param name="store">Where connections lead to.</param>
    /// <param name="certificate">With its key.</param>
    public TlsProxy(Uri store, X509Certificate2 certificate)
    {
        _port = store.Port;
        _certificate = certificate;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Endpoint => new($"https://{_listener.LocalEndpoint}");

    /// <summary>Shows another certificate, and ends the connections that saw the former one.</summary>
    public void Show(X509Certificate2 certificate)
    {
        _certificate = certificate;
        foreach (var client in _connections.Keys) client.Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                _connections[client] = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // disposed of
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        using var store = new TcpClient();
        try
        {
            await using var secure = new SslStream(client.GetStream());
            await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _end.Token);
            await store.ConnectAsync(IPAddress.Loopback, _port, _end.Token);
            await using var plain = store.GetStream();
            await Task.WhenAny(secure.CopyToAsync(plain, _end.Token), plain.CopyToAsync(secure, _end.Token)).Unwrap();
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // one of the two has gone or trusts us no more, or the test is over
        }
        finally
        {
            client.Dispose();
            _connections.TryRemove(client, out _);
        }
    }
}
