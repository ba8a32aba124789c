using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Store;

/// <summary>What a signature covers. Header names are lower-case; <paramref name="AdditionalHeaders"/> names those beyond
/// <c>x-oss-*</c>, content-type and content-md5 that are to be signed too.</summary>
internal sealed record OssSigningRequest(
    string Method,
    string? Bucket,
    string? Key,
    IReadOnlyList<KeyValuePair<string, string>> Query,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    IReadOnlyList<string> AdditionalHeaders);

/// <summary>
/// OSS signature version 4 (OSS4-HMAC-SHA256). Pure: time, region and credentials come in. Alibaba's documentation:
/// "Include a V4 signature in the header" and "Add signatures to URLs". The payload is never signed: OSS knows only
/// UNSIGNED-PAYLOAD, hence https, Content-MD5 and CRC-64.
/// </summary>
internal sealed class OssSigner(string region, StoreCredentials credentials)
{
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";
    private const string Algorithm = "OSS4-HMAC-SHA256";

    /// <summary>The value of <c>x-oss-date</c>.</summary>
    public static string FormatTime(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The value of the Authorization header. The headers must already hold x-oss-date (of the same time),
    /// x-oss-content-sha256 and, with temporary credentials, x-oss-security-token.</summary>
    public string Authorize(OssSigningRequest request, DateTimeOffset time)
    {
        var additional = SignedAdditionalHeaders(request);
        var signature = Sign(request, OssUrl.Query(request.Query), additional, time);
        var named = additional.Length == 0 ? "" : $",AdditionalHeaders={additional}";
        return $"{Algorithm} Credential={credentials.AccessKeyId}/{Scope(time)}{named},Signature={signature}";
    }

    /// <summary>The whole query of a URL that works without headers for <paramref name="lifetime"/> (1 second to 7 days).</summary>
    public string Presign(OssSigningRequest request, DateTimeOffset time, TimeSpan lifetime)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromDays(7));

        var additional = SignedAdditionalHeaders(request);
        List<KeyValuePair<string, string>> query =
        [
            .. request.Query,
            new("x-oss-signature-version", Algorithm),
            new("x-oss-credential", $"{credentials.AccessKeyId}/{Scope(time)}"),
            new("x-oss-date", FormatTime(time)),
            new("x-oss-expires", ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
        ];
        if (additional.Length > 0) query.Add(new("x-oss-additional-headers", additional));
        if (credentials.SecurityToken is { } token) query.Add(new("x-oss-security-token", token));
        query.Add(new("x-oss-signature", Sign(request, OssUrl.Query(query), additional, time)));
        return OssUrl.Query(query);
    }

    private string Sign(OssSigningRequest request, string query, string additional, DateTimeOffset time)
    {
        var canonical = new StringBuilder(512)
            .Append(request.Method).Append('\n')
            .Append(CanonicalUri(request)).Append('\n')
            .Append(query).Append('\n');
        foreach (var (name, value) in request.Headers.Where(h => IsSigned(h.Key, additional)).OrderBy(h => h.Key, StringComparer.Ordinal))
            canonical.Append(name).Append(':').Append(value.Trim()).Append('\n');
        canonical.Append('\n').Append(additional).Append('\n').Append(UnsignedPayload);

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(canonical.ToString()));
        var toSign = $"{Algorithm}\n{FormatTime(time)}\n{Scope(time)}\n{Convert.ToHexStringLower(hash)}";
        return Convert.ToHexStringLower(HMACSHA256.HashData(SigningKey(time), Encoding.UTF8.GetBytes(toSign)));
    }

    // Always with the bucket, also where the host already names it.
    private static string CanonicalUri(OssSigningRequest request) =>
        request.Bucket is null ? "/" : $"/{request.Bucket}/{(request.Key is null ? "" : OssUrl.EncodePath(request.Key))}";

    private static string SignedAdditionalHeaders(OssSigningRequest request) => string.Join(
        ';',
        request.AdditionalHeaders
            .Select(name => name.ToLowerInvariant())
            .Where(name => !IsSignedAnyway(name) && request.Headers.Any(h => h.Key == name))
            .Distinct()
            .Order(StringComparer.Ordinal));

    private static bool IsSigned(string name, string additional) =>
        IsSignedAnyway(name) || (additional.Length > 0 && additional.Split(';').Contains(name));

    private static bool IsSignedAnyway(string name) =>
        name.StartsWith("x-oss-", StringComparison.Ordinal) || name is "content-type" or "content-md5";

    private string Scope(DateTimeOffset time) => $"{Day(time)}/{region}/oss/aliyun_v4_request";

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    private byte[] SigningKey(DateTimeOffset time)
    {
        var key = Encoding.UTF8.GetBytes("aliyun_v4" + credentials.AccessKeySecret);
        foreach (var step in new[] { Day(time), region, "oss", "aliyun_v4_request" }) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        return key;
    }
}
