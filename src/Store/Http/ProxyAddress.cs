using System.Net;

namespace SyncAgent.Store;

/// <summary>A proxy as a person names it: a URL that may hold a user and a password, which no message ever repeats.</summary>
internal static class ProxyAddress
{
    /// <summary>What is wrong with a setting, or null.</summary>
    public static string? Fault(string? setting)
    {
        if (setting is null or ConnectionOptions.NoProxy) return null;
        if (Parse(setting) is not { } uri) return "expected a URL such as http://host:3128 (http, https, socks4, socks4a or socks5), or \"none\".";
        return uri.PathAndQuery.Length > 1 || uri.Fragment.Length > 0 ? $"{Show(setting)}: only scheme, user, password, host and port." : null;
    }

    /// <summary>The setting without its user and password.</summary>
    public static string Show(string? setting) => setting switch
    {
        null => "of the environment",
        ConnectionOptions.NoProxy => setting,
        _ => Parse(setting) is { } uri ? uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped) : "(not a URL)",
    };

    /// <summary>The proxy to use, for a setting without fault that names one.</summary>
    public static WebProxy Make(string setting)
    {
        var uri = Parse(setting) ?? throw new ArgumentException("Not a proxy's URL.", nameof(setting));
        var proxy = new WebProxy(uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped));
        if (uri.UserInfo.Length > 0)
        {
            var parts = uri.UserInfo.Split(':', 2);
            proxy.Credentials = new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        return proxy;
    }

    private static Uri? Parse(string setting) =>
        Uri.TryCreate(setting, UriKind.Absolute, out var uri) && uri.Host.Length > 0
        && uri.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5"
            ? uri
            : null;
}
