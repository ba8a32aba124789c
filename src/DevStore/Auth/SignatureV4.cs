using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.DevStore;

/// <summary>
/// What OSS4-HMAC-SHA256 signs, rebuilt from a received request. Source: the OSS documentation's "recommend to use signature
/// version 4" and "add signatures to URLs" pages.
/// </summary>
internal static class SignatureV4
{
    public const string Algorithm = "OSS4-HMAC-SHA256";
    public const string Terminator = "aliyun_v4_request";
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <param name="additionalHeaders">Lower case, sorted.</param>
    public static string CanonicalRequest(OssRequest request, IReadOnlyList<string> additionalHeaders)
    {
        var text = new StringBuilder();
        text.Append(request.Method).Append('\n');
        text.Append(CanonicalUri(request)).Append('\n');
        text.Append(CanonicalQuery(request)).Append('\n');
        foreach ((string name, string value) in request.Headers.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            if (IsAlwaysSigned(name) || additionalHeaders.Contains(name)) text.Append(name).Append(':').Append(value.Trim()).Append('\n');
        }

        text.Append('\n');
        text.AppendJoin(';', additionalHeaders).Append('\n');
        return text.Append(UnsignedPayload).ToString();
    }

    /// <param name="timestamp">As in x-oss-date: yyyyMMddTHHmmssZ.</param>
    /// <param name="scope">date/region/oss/aliyun_v4_request.</param>
    public static string StringToSign(string canonicalRequest, string timestamp, string scope) =>
        $"{Algorithm}\n{timestamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";

    public static string Sign(string secret, string date, string region, string stringToSign)
    {
        byte[] key = Encoding.UTF8.GetBytes("aliyun_v4" + secret);
        foreach (string step in (string[])[date, region, "oss", Terminator, stringToSign]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        return Convert.ToHexStringLower(key);
    }

    public static bool IsAlwaysSigned(string lowerName) =>
        lowerName is "content-type" or "content-md5" || lowerName.StartsWith("x-oss-", StringComparison.Ordinal);

    /// <summary>The bucket is part of it even when it stands in the host name.</summary>
    private static string CanonicalUri(OssRequest request) => request switch
    {
        { BucketName: null } => "/",
        { ObjectKey: null } => $"/{request.BucketName}/",
        _ => PercentEncoding.Encode($"/{request.BucketName}/{request.ObjectKey}", keepSlash: true),
    };

    private static string CanonicalQuery(OssRequest request) => string.Join('&', request.Query
        .Where(p => p.Key != "x-oss-signature")
        .Select(p => (Name: PercentEncoding.Encode(p.Key), Value: PercentEncoding.Encode(p.Value)))
        .OrderBy(p => p.Name, StringComparer.Ordinal)
        .ThenBy(p => p.Value, StringComparer.Ordinal)
        .Select(p => p.Value.Length == 0 ? p.Name : $"{p.Name}={p.Value}"));
}
