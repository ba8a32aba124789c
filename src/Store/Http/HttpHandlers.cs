using System.Net;
using System.Net.Sockets;

namespace SyncAgent.Store;

/// <summary>The one place where the connections of every store client are made.</summary>
internal static class HttpHandlers
{
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int TcpUserTimeout = 18; // TCP_USER_TIMEOUT
    private const int TcpMaxRetransmission = 5; // TCP_MAXRT of Windows: the same in seconds

    /// <summary>A handler that goes through the proxy, trusts the certificate authorities and keeps the limits that the options name.
    /// No redirects (a signature fits one address), no cookies, bodies as they come.</summary>
    /// <param name="options">Options without mistakes.</param>
    /// <param name="isLoopback">Whether requests stay on this machine, and so go through no proxy.</param>
    /// <exception cref="ArgumentException">The options have mistakes; the message lists all of them.</exception>
    public static SocketsHttpHandler Make(ConnectionOptions options, bool isLoopback)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new ArgumentException($"The connection's options cannot be used:\n  {string.Join("\n  ", errors)}", nameof(options));

        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = !isLoopback && options.Proxy != ConnectionOptions.NoProxy,
            ConnectTimeout = options.ConnectTimeout,
            // Follows DNS changes.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = options.IdleTimeout,
            MaxConnectionsPerServer = options.MaxConnections,
            ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, options, cancellationToken),
        };
        if (handler.UseProxy && options.Proxy is not null) handler.Proxy = ProxyAddress.Make(options.Proxy);
        handler.SslOptions.RemoteCertificateValidationCallback = CertificateTrust.Load(options.CaFile).Check;
        return handler;
    }

    /// <summary>Connects as the handler itself does, and has the system notice a peer whose packets no longer arrive: bytes that nobody
    /// acknowledges (TCP_USER_TIMEOUT, TCP_MAXRT), or a connection that waits for an answer (keep-alive).</summary>
    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint address, ConnectionOptions options, CancellationToken cancellationToken)
    {
        const int Probes = 3;
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            var part = Math.Max(1, (int)options.StallTimeout.TotalSeconds / (Probes + 1));
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            SetIfKnown(socket, SocketOptionName.TcpKeepAliveTime, part);
            SetIfKnown(socket, SocketOptionName.TcpKeepAliveInterval, part);
            SetIfKnown(socket, SocketOptionName.TcpKeepAliveRetryCount, Probes);
            if (OperatingSystem.IsLinux())
                socket.SetRawSocketOption(TcpLevel, TcpUserTimeout, BitConverter.GetBytes((int)options.StallTimeout.TotalMilliseconds));
            else if (OperatingSystem.IsWindows())
                SetIfKnown(socket, (SocketOptionName)TcpMaxRetransmission, Math.Max(1, (int)options.StallTimeout.TotalSeconds));
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // Windows has them since 10.0.16299. One that does not keeps its own times, and the stall watch over each request is there all the same.
    private static void SetIfKnown(Socket socket, SocketOptionName option, int value)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Tcp, option, value);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ProtocolOption && OperatingSystem.IsWindows())
        {
            // as said above
        }
    }
}
