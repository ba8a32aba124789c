using System.Net;
using System.Text.RegularExpressions;

namespace SyncAgent.Store;

/// <summary>A bucket's address: everything about where requests go that options decide once.</summary>
internal sealed partial class OssEndpoint
{
    private readonly string _origin;
    private readonly string _pathPrefix;

    private OssEndpoint(string bucket, string region, string origin, string pathPrefix, bool isLoopback)
    {
        Bucket = bucket;
        Region = region;
        _origin = origin;
        _pathPrefix = pathPrefix;
        IsLoopback = isLoopback;
    }

    public string Bucket { get; }

    public string Region { get; }

    /// <summary>Whether requests stay on this machine (and so must not go through a proxy).</summary>
    public bool IsLoopback { get; }

    // Uri would turn "//", "./" and "%2E" in keys into something else than was signed.
    private static readonly UriCreationOptions Verbatim = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The address of an object (or, with a null key, of the bucket), path and query exactly as given here.</summary>
    public Uri UriFor(string? key, string query)
    {
        var target = key is null ? (_pathPrefix.Length == 0 ? "/" : _pathPrefix + "/") : $"{_pathPrefix}/{OssUrl.EncodePath(key)}";
        return new Uri(query.Length == 0 ? _origin + target : $"{_origin}{target}?{query}", in Verbatim);
    }

    /// <summary>Checks all of the options and, when nothing is wrong, makes the address.</summary>
    public static (OssEndpoint? Endpoint, IReadOnlyList<string> Errors) Resolve(OssStoreOptions options)
    {
        var errors = new List<string>();
        if (!BucketName().IsMatch(options.Bucket))
            errors.Add($"Bucket \"{options.Bucket}\": 3 to 63 lower-case letters, digits and hyphens, no hyphen at either end.");
        errors.AddRange(options.Connection.Validate());

        var given = NormaliseRegion(options.Region);
        var uri = EndpointUri(options, given, errors);
        var told = uri is null ? null : RegionOf(uri.Host);
        var region = given ?? told;
        if (region is null) errors.Add("Region: not set, and the endpoint does not tell it; e.g. cn-hangzhou.");
        else if (!RegionName().IsMatch(region)) errors.Add($"Region \"{options.Region}\": expected something like cn-hangzhou.");
        else if (told is not null && told != region) errors.Add($"Region {region} does not fit the endpoint, which is in {told}.");

        if (uri is not null && uri.Host.StartsWith("s3.", StringComparison.Ordinal) && AlibabaHost().IsMatch(uri.Host))
            errors.Add("Endpoint: s3.* speaks the S3 protocol; leave \"s3.\" out, or choose the store s3.");
        if (told is not null && options.Addressing is OssAddressing.Path)
            errors.Add("Addressing Path: Alibaba's endpoints answer it with SecondLevelDomainForbidden; use VirtualHost.");
        if (!Enum.IsDefined(options.Addressing)) errors.Add($"Addressing: unknown value {options.Addressing}.");
        if (uri is not null) CheckEndpoint(options, uri, errors);
        return errors.Count > 0 ? (null, errors) : (Make(options, uri!, region!), errors);
    }

    private static Uri? EndpointUri(OssStoreOptions options, string? region, List<string> errors)
    {
        var text = options.Endpoint?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            if (options.Addressing is OssAddressing.Cname) errors.Add("Endpoint: set the bucket's own domain, as the addressing is Cname.");
            else if (region is not null) return TryParse($"https://oss-{region}{(options.Internal ? "-internal" : "")}.aliyuncs.com");
            return null;
        }

        if (options.Internal) errors.Add("Internal: has no meaning when an endpoint is set; name the internal endpoint instead.");
        var uri = TryParse(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}");
        if (uri is not null && uri.Scheme is "http" or "https") return uri;
        errors.Add($"Endpoint \"{text}\": expected a host or an http(s) URL.");
        return null;

        static Uri? TryParse(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri : null;
    }

    private static void CheckEndpoint(OssStoreOptions options, Uri uri, List<string> errors)
    {
        if (uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
            errors.Add("Endpoint: only scheme, host and port; no path, query or user.");
        if (uri.Scheme == "http" && !uri.IsLoopback && !options.AllowHttp)
            errors.Add($"Endpoint http://{uri.Authority}: file contents would cross the network unencrypted; use https, or set AllowHttp.");
        if (IsAddress(uri) && options.Addressing is OssAddressing.VirtualHost)
            errors.Add("Addressing VirtualHost: a bucket cannot be put before an IP address; use Path.");
        if (options.Addressing is not OssAddressing.Cname && uri.Host.StartsWith(options.Bucket + ".", StringComparison.OrdinalIgnoreCase))
            errors.Add("Endpoint: it begins with the bucket; leave the bucket out, or set Addressing to Cname.");
    }

    private static OssEndpoint Make(OssStoreOptions options, Uri uri, string region)
    {
        var byPath = options.Addressing switch
        {
            OssAddressing.Path => true,
            OssAddressing.Auto => IsAddress(uri) || uri.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
        var host = !byPath && options.Addressing is not OssAddressing.Cname ? $"{options.Bucket}.{uri.Authority}" : uri.Authority;
        return new OssEndpoint(options.Bucket, region, $"{uri.Scheme}://{host}", byPath ? $"/{options.Bucket}" : "", uri.IsLoopback);
    }

    private static bool IsAddress(Uri uri) => IPAddress.TryParse(uri.Host, out _);

    private static string? NormaliseRegion(string? region)
    {
        var name = region?.Trim();
        if (string.IsNullOrEmpty(name)) return null;
        if (name.StartsWith("oss-", StringComparison.Ordinal)) name = name[4..];
        return name.EndsWith("-internal", StringComparison.Ordinal) ? name[..^"-internal".Length] : name;
    }

    // oss-accelerate and oss-accelerate-overseas serve every region and so tell none.
    private static string? RegionOf(string host) =>
        AlibabaHost().Match(host) is { Success: true } match && !match.Groups["region"].Value.StartsWith("accelerate", StringComparison.Ordinal)
            ? NormaliseRegion(match.Groups["region"].Value)
            : null;

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex RegionName();

    // The second form serves IPv6 as well.
    [GeneratedRegex(@"^(.+\.)?(oss-(?<region>[a-z0-9-]+)|(?<region>[a-z0-9-]+)\.oss)\.aliyuncs\.com$", RegexOptions.CultureInvariant)]
    private static partial Regex AlibabaHost();
}
