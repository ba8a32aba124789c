using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Store;

/// <summary>Signature version 3 of Alibaba Cloud's API ("Request syntax and signature method V3", ACS3-HMAC-SHA256), for calls of the
/// RPC style without a body. Pure: time, nonce and credentials come in.</summary>
internal static class AcsSigner
{
    private const string Algorithm = "ACS3-HMAC-SHA256";

    // SHA-256 of nothing.
    private const string EmptyBody = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>The query in its canonical form, which is also the one to send.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> parameters) => string.Join('&', parameters
        .Select(p => (Name: Uri.EscapeDataString(p.Key), Value: Uri.EscapeDataString(p.Value)))
        .OrderBy(p => p.Name, StringComparer.Ordinal)
        .Select(p => $"{p.Name}={p.Value}"));

    /// <summary>The headers of a POST to the root, with Authorization among them; names in lower case.</summary>
    /// <param name="host">Host header, with a port where the URL has one.</param>
    /// <param name="action">The call, e.g. "AssumeRole".</param>
    /// <param name="version">The API's version, a date.</param>
    /// <param name="query">From <see cref="Query"/>.</param>
    /// <param name="credentials">Who calls.</param>
    /// <param name="now">The time, within 15 minutes of the server's.</param>
    /// <param name="nonce">Different for each request.</param>
    public static IReadOnlyDictionary<string, string> Headers(
        string host, string action, string version, string query, StoreCredentials credentials, DateTimeOffset now, string nonce)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = host,
            ["x-acs-action"] = action,
            ["x-acs-content-sha256"] = EmptyBody,
            ["x-acs-date"] = now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["x-acs-signature-nonce"] = nonce,
            ["x-acs-version"] = version,
        };
        if (credentials.SecurityToken is { } token) headers["x-acs-security-token"] = token;

        var names = string.Join(';', headers.Keys);
        var lines = string.Concat(headers.Select(h => $"{h.Key}:{h.Value}\n"));
        var canonical = $"POST\n/\n{query}\n{lines}\n{names}\n{EmptyBody}";
        var toSign = $"{Algorithm}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Convert.ToHexStringLower(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(credentials.AccessKeySecret), Encoding.UTF8.GetBytes(toSign)));
        headers["authorization"] = $"{Algorithm} Credential={credentials.AccessKeyId},SignedHeaders={names},Signature={signature}";
        return headers;
    }
}
