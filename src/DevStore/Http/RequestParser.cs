using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SyncAgent.DevStore;

/// <summary>Finds bucket and key in what arrived, path style, virtual-host style or CNAME.</summary>
internal static class RequestParser
{
    private const int MaxKeyBytes = 1023;
    private const string ServiceDomain = ".aliyuncs.com";

    /// <exception cref="OssException">The target is not one the protocol allows.</exception>
    public static OssRequest Parse(HttpContext http, IReadOnlyDictionary<string, string> cnames, RequestBody body)
    {
        // Not Request.Path: that one has resolved ".." and "%2F", which are part of object names here.
        string target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        int queryAt = target.IndexOf('?', StringComparison.Ordinal);
        string rawPath = WithoutAuthority(queryAt < 0 ? target : target[..queryAt]);
        try
        {
            (string? bucket, string? key) = Locate(http.Request.Host.Host, rawPath, cnames);
            if (bucket is not null) CheckBucketName(bucket);
            if (key is not null) CheckKey(key);
            return new OssRequest
            {
                Method = http.Request.Method,
                BucketName = bucket,
                ObjectKey = key,
                Query = queryAt < 0 ? [] : ParseQuery(target[(queryAt + 1)..]),
                Headers = http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
                Body = body,
            };
        }
        catch (FormatException)
        {
            throw OssErrors.InvalidObjectName();
        }
    }

    public static void CheckKey(string key)
    {
        if (key.Length == 0 || key[0] is '/' or '\\' || Encoding.UTF8.GetByteCount(key) > MaxKeyBytes) throw OssErrors.InvalidObjectName();
    }

    public static void CheckBucketName(string name)
    {
        bool valid = name.Length is >= 3 and <= 63
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && name[0] != '-' && name[^1] != '-';
        if (!valid) throw OssErrors.InvalidBucketName();
    }

    public static List<KeyValuePair<string, string>> ParseQuery(string raw)
    {
        var parameters = new List<KeyValuePair<string, string>>();
        foreach (string piece in raw.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = piece.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? piece : piece[..equals];
            string value = equals < 0 ? "" : piece[(equals + 1)..];
            parameters.Add(new(PercentEncoding.Decode(name), PercentEncoding.Decode(value)));
        }

        return parameters;
    }

    private static (string? Bucket, string? Key) Locate(string host, string rawPath, IReadOnlyDictionary<string, string> cnames)
    {
        string path = rawPath.StartsWith('/') ? rawPath[1..] : rawPath;
        if (BucketOfHost(host, cnames) is { } bucket) return (bucket, NullIfEmpty(PercentEncoding.Decode(path)));
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0) return (NullIfEmpty(PercentEncoding.Decode(path)), null);
        return (PercentEncoding.Decode(path[..slash]), NullIfEmpty(PercentEncoding.Decode(path[(slash + 1)..])));
    }

    /// <summary>The bucket that a host name stands for; null for the service itself.</summary>
    public static string? BucketOfHost(string host, IReadOnlyDictionary<string, string> cnames)
    {
        if (cnames.TryGetValue(host, out string? bound)) return bound;
        if (IPAddress.TryParse(host, out _)) return null;
        if (host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)) return host[..^".localhost".Length];
        if (!host.EndsWith(ServiceDomain, StringComparison.OrdinalIgnoreCase)) return null;
        // bucket.oss-cn-hangzhou.aliyuncs.com; without the bucket's label it is the service itself.
        string rest = host[..^ServiceDomain.Length];
        int dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? null : rest[..dot];
    }

    private static string WithoutAuthority(string target)
    {
        int scheme = target.IndexOf("://", StringComparison.Ordinal);
        if (target.StartsWith('/') || scheme < 0) return target;
        int slash = target.IndexOf('/', scheme + 3);
        return slash < 0 ? "/" : target[slash..];
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
