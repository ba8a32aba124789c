using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.DevStore;

/// <summary>What the older signature, base64(HMAC-SHA1), signs. Source: the OSS documentation's "include signatures in the Authorization header".</summary>
internal static class SignatureV1
{
    private static readonly HashSet<string> SignedParameters =
    [
        "acl", "append", "bucketInfo", "callback", "callback-var", "cname", "comp", "continuation-token", "cors", "delete",
        "encryption", "endTime", "img", "inventory", "inventoryId", "lifecycle", "live", "location", "logging", "objectMeta",
        "partNumber", "policy", "position", "qos", "qosInfo", "referer", "regionList", "replication", "replicationLocation",
        "replicationProgress", "requestPayment", "resourceGroup", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type", "response-expires", "restore",
        "security-token", "sequential", "startTime", "stat", "status", "style", "styleName", "symlink", "tagging",
        "transferAcceleration", "udf", "uploadId", "uploads", "versionId", "versioning", "versions", "vod", "website", "worm",
        "wormExtend", "wormId", "x-oss-process", "x-oss-traffic-limit",
    ];

    /// <param name="date">The Date line: x-oss-date or Date of a signed header, Expires of a signed URL.</param>
    public static string StringToSign(OssRequest request, string date)
    {
        var text = new StringBuilder();
        text.Append(request.Method).Append('\n');
        text.Append(request.Header("content-md5")).Append('\n');
        text.Append(request.Header("content-type")).Append('\n');
        text.Append(date).Append('\n');
        foreach ((string name, string value) in request.Headers.OrderBy(h => h.Key, StringComparer.Ordinal))
        {
            if (name.StartsWith("x-oss-", StringComparison.Ordinal)) text.Append(name).Append(':').Append(value.Trim()).Append('\n');
        }

        text.Append('/');
        if (request.BucketName is { } bucket) text.Append(bucket).Append('/').Append(request.ObjectKey);
        char separator = '?';
        foreach ((string name, string value) in request.Query.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            if (!SignedParameters.Contains(name) && !name.StartsWith("x-oss-", StringComparison.Ordinal)) continue;
            text.Append(separator).Append(name);
            if (value.Length > 0) text.Append('=').Append(value);
            separator = '&';
        }

        return text.ToString();
    }

    public static string Sign(string secret, string stringToSign) =>
        Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(stringToSign)));
}
