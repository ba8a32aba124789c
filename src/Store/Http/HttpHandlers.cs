using System.Net;

namespace SyncAgent.Store;

/// <summary>The one place where the connections of every store client are made.</summary>
internal static class HttpHandlers
{
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
        };
        if (handler.UseProxy && options.Proxy is not null) handler.Proxy = ProxyAddress.Make(options.Proxy);
        handler.SslOptions.RemoteCertificateValidationCallback = CertificateTrust.Load(options.CaFile).Check;
        return handler;
    }
}
