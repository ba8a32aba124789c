using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.DevStore.Tests;

/// <summary>A third, minimal V4 signer: works on the raw, already encoded target, so it shares no canonicalization with the server.</summary>
internal sealed record TestSigner(string AccessKeyId, string Secret, string? Token = null, string Region = "cn-hangzhou")
{
    public void Sign(HttpRequestMessage request, string encodedTarget, DateTimeOffset now)
    {
        string stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.TryAddWithoutValidation("x-oss-date", stamp);
        request.Headers.TryAddWithoutValidation("x-oss-content-sha256", "UNSIGNED-PAYLOAD");
        if (Token is not null) request.Headers.TryAddWithoutValidation("x-oss-security-token", Token);

        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string name, IEnumerable<string> values) in request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>()))
        {
            string lower = name.ToLowerInvariant();
            if (lower.StartsWith("x-oss-") || lower is "content-type" or "content-md5") signed[lower] = string.Join(",", values).Trim();
        }

        string[] halves = encodedTarget.Split('?', 2);
        string query = halves.Length == 1 ? "" : string.Join('&', halves[1].Split('&').Order(StringComparer.Ordinal).Select(p => p.TrimEnd('=')));
        string headers = string.Concat(signed.Select(h => $"{h.Key}:{h.Value}\n"));
        string canonical = $"{request.Method}\n{halves[0]}\n{query}\n{headers}\n\nUNSIGNED-PAYLOAD";
        string scope = $"{stamp[..8]}/{Region}/oss/aliyun_v4_request";
        string toSign = $"OSS4-HMAC-SHA256\n{stamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        byte[] key = Encoding.UTF8.GetBytes("aliyun_v4" + Secret);
        foreach (string step in (string[])[stamp[..8], Region, "oss", "aliyun_v4_request"]) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        string signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.TryAddWithoutValidation("Authorization", $"OSS4-HMAC-SHA256 Credential={AccessKeyId}/{scope},Signature={signature}");
    }
}
