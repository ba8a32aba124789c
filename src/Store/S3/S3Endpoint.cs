using System.Net;
using System.Text.RegularExpressions;

namespace SyncAgent.Store;

/// <summary>A bucket's address: everything about where requests go that options decide once.</summary>
/// <param name="Service">Scheme, host and port, without the bucket.</param>
/// <param name="Region">Region of the signatures.</param>
/// <param name="Bucket">Bucket name.</param>
/// <param name="PathStyle">Whether the bucket stands in the path.</param>
internal sealed partial record S3Endpoint(Uri Service, string Region, string Bucket, bool PathStyle)
{
    /// <summary>What stores without regions expect in a signature.</summary>
    private const string NoRegion = "us-east-1";

    /// <summary>Whether requests stay on this machine (and so must not go through a proxy).</summary>
    public bool IsLoopback => Service.IsLoopback;

    /// <summary>Whether bodies travel encrypted, so that their hash need not be part of the signature.</summary>
    public bool IsEncrypted => Service.Scheme == Uri.UriSchemeHttps;

    /// <summary>Whether this is Amazon's own service, whose abilities are known.</summary>
    public bool IsAmazon => AmazonHost().IsMatch(Service.Host);

    /// <summary>Checks all of the options and, when nothing is wrong, makes the address.</summary>
    public static (S3Endpoint? Endpoint, IReadOnlyList<string> Errors) Resolve(S3StoreOptions options)
    {
        var errors = new List<string>();
        CheckBucket(options.Bucket, errors);
        errors.AddRange(options.Connection.Validate());
        if (!Enum.IsDefined(options.ConditionalWrites)) errors.Add($"ConditionalWrites: unknown value {options.ConditionalWrites}.");
        if (options.PageSize is < 1 or > 1000) errors.Add($"PageSize {options.PageSize}: expected 1 to 1,000.");

        var given = string.IsNullOrWhiteSpace(options.Region) ? null : options.Region.Trim();
        if (given is not null && !RegionName().IsMatch(given)) errors.Add($"Region \"{options.Region}\": expected something like eu-central-1.");
        var service = ServiceOf(options, given, errors);
        if (service is not null) CheckService(options, service, given, errors);
        return errors.Count > 0 ? (null, errors) : (Make(options, service!, given), errors);
    }

    private static void CheckBucket(string bucket, List<string> errors)
    {
        if (!BucketName().IsMatch(bucket))
            errors.Add($"Bucket \"{bucket}\": 3 to 63 lower-case letters, digits, dots and hyphens, a letter or digit at either end.");
        else if (bucket.EndsWith("--x-s3", StringComparison.Ordinal))
            errors.Add($"Bucket \"{bucket}\": directory buckets (S3 Express) are not supported: their ETags prove nothing; use a general purpose bucket.");
    }

    private static Uri? ServiceOf(S3StoreOptions options, string? region, List<string> errors)
    {
        var text = options.Endpoint?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            if (region is null) errors.Add("Region: not set, and no endpoint is either; e.g. eu-central-1.");
            var suffix = region?.StartsWith("cn-", StringComparison.Ordinal) == true ? ".cn" : "";
            return region is not null && RegionName().IsMatch(region) ? new Uri($"https://s3.{region}.amazonaws.com{suffix}") : null;
        }

        var whole = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        if (Uri.TryCreate(whole, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && uri.Scheme is "http" or "https") return uri;
        errors.Add($"Endpoint \"{text}\": expected a host or an http(s) URL.");
        return null;
    }

    private static void CheckService(S3StoreOptions options, Uri uri, string? region, List<string> errors)
    {
        if (uri.PathAndQuery != "/" || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
            errors.Add("Endpoint: only scheme, host and port; no path, query or user.");
        if (uri.Scheme == "http" && !uri.IsLoopback && !options.AllowHttp)
            errors.Add($"Endpoint http://{uri.Authority}: file contents would cross the network unencrypted; use https, or set AllowHttp.");
        if (uri.Host.StartsWith(options.Bucket + ".", StringComparison.OrdinalIgnoreCase))
            errors.Add("Endpoint: it begins with the bucket; leave the bucket out.");
        if (RegionOf(uri.Host) is { } told && region is not null && told != region)
            errors.Add($"Region {region} does not fit the endpoint, which is in {told}.");
        if (options.PathStyle == false && IsAddress(uri))
            errors.Add("PathStyle false: a bucket cannot be put before an IP address.");
        if (options.PathStyle == false && uri.Scheme == "https" && options.Bucket.Contains('.', StringComparison.Ordinal))
            errors.Add("PathStyle false: no certificate covers a bucket with a dot in its name; leave PathStyle out.");
        if (options.PathStyle == true && AlibabaHost().IsMatch(uri.Host))
            errors.Add("PathStyle true: Alibaba's endpoints answer it with SecondLevelDomainForbidden; leave PathStyle out.");
        if (AlibabaHost().IsMatch(uri.Host) && !uri.Host.StartsWith("s3.", StringComparison.Ordinal))
            errors.Add($"Endpoint {uri.Host}: it speaks OSS's own protocol; choose the store oss, or the endpoint s3.{uri.Host}.");
    }

    private static S3Endpoint Make(S3StoreOptions options, Uri service, string? region)
    {
        var hostCarriesBucket = (AmazonHost().IsMatch(service.Host) && !options.Bucket.Contains('.', StringComparison.Ordinal))
            || AlibabaHost().IsMatch(service.Host);
        return new S3Endpoint(service, region ?? RegionOf(service.Host) ?? NoRegion, options.Bucket, options.PathStyle ?? !hostCarriesBucket);
    }

    private static bool IsAddress(Uri uri) => IPAddress.TryParse(uri.Host.Trim('[', ']'), out _);

    // s3.amazonaws.com serves us-east-1, s3-accelerate every region.
    private static string? RegionOf(string host) =>
        AmazonHost().Match(host) is { Success: true } match && match.Groups["region"] is { Success: true, Value: var region } ? region : null;

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", RegexOptions.CultureInvariant)]
    private static partial Regex BucketName();

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex RegionName();

    [GeneratedRegex(@"^s3(-fips|-accelerate)?(\.dualstack)?(\.(?<region>[a-z]+(-[a-z]+)+-\d+))?\.amazonaws\.com(\.cn)?$", RegexOptions.CultureInvariant)]
    private static partial Regex AmazonHost();

    [GeneratedRegex(@"(^|\.)oss-[a-z0-9-]+\.aliyuncs\.com$", RegexOptions.CultureInvariant)]
    private static partial Regex AlibabaHost();
}
