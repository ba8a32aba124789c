using System.Text.Json.Serialization;
using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>A bucket, or the part of it below a prefix, and how to get there: checked. Holds no key, but may hold what leads to
/// one: only <see cref="WithoutSecrets"/> may be written down.</summary>
/// <param name="Store">"oss" or "s3".</param>
/// <param name="Endpoint">Endpoint as given, or null for the region's own.</param>
/// <param name="Region">Region id, or null when the endpoint tells it.</param>
/// <param name="Bucket">Bucket name.</param>
/// <param name="Prefix">Empty, or ending in "/".</param>
/// <param name="Addressing">How the bucket is named in a request.</param>
/// <param name="AllowHttp">Allow http to another machine.</param>
internal sealed record TargetSettings(
    string Store, string? Endpoint, string? Region, string Bucket, string Prefix, OssAddressing Addressing, bool AllowHttp)
{
    /// <summary>Store type of Alibaba's own protocol.</summary>
    public const string Oss = "oss";

    /// <summary>Store type of Amazon's protocol.</summary>
    public const string S3 = "s3";

    /// <summary>Use the region's endpoint inside Alibaba's network.</summary>
    public bool Internal { get; init; }

    /// <summary>S3: whether "create only" is left to the store.</summary>
    public S3ConditionalWrites ConditionalWrites { get; init; }

    /// <summary>Where keys come from.</summary>
    public CredentialsSettings Credentials { get; init; } = CredentialsSettings.Environment;

    /// <summary>Proxy, certificate authorities and patience.</summary>
    public ConnectionOptions Connection { get; init; } = new();

    /// <summary>Limits of one command's own; those of drives are the agent's. Never written down.</summary>
    [JsonIgnore]
    public BandwidthLimits Limits { get; init; } = BandwidthLimits.None;

    /// <summary>Host of the endpoint, for people.</summary>
    [JsonIgnore]
    public string EndpointHost => HostOf(Store, Endpoint, Region);

    /// <summary>The same without what must not be written down: a proxy's user and password, a credentials command, a role's external id.</summary>
    [JsonIgnore]
    public TargetSettings WithoutSecrets => this with { Connection = Connection.WithoutSecrets(), Credentials = Credentials.WithoutSecrets };

    /// <summary>Options of a client for OSS.</summary>
    public OssStoreOptions ToOssOptions() => new()
    {
        Bucket = Bucket,
        Endpoint = Endpoint,
        Region = Region,
        Internal = Internal,
        Addressing = Addressing,
        AllowHttp = AllowHttp,
        Connection = Connection,
    };

    /// <summary>Options of a client for S3.</summary>
    public S3StoreOptions ToS3Options() => new()
    {
        Bucket = Bucket,
        Endpoint = Endpoint,
        Region = Region,
        PathStyle = Addressing switch { OssAddressing.Path => true, OssAddressing.VirtualHost => false, _ => null },
        AllowHttp = AllowHttp,
        ConditionalWrites = ConditionalWrites,
        Connection = Connection,
    };

    /// <summary>Tells the addresses of objects, for people: without any signature, so that they tell no secret.</summary>
    public Func<string, string> ToUrls() => Store == S3 ? ObjectUrls.Of(ToS3Options()) : ObjectUrls.Of(ToOssOptions());

    /// <summary>Host, with a port where one is given, of a target's endpoint with or without a scheme, or of its region's own.</summary>
    public static string HostOf(string store, string? endpoint, string? region)
    {
        if (string.IsNullOrEmpty(endpoint)) endpoint = store == S3 ? $"s3.{region}.amazonaws.com" : $"oss-{region}.aliyuncs.com";
        return Uri.TryCreate(endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"https://{endpoint}", UriKind.Absolute, out var uri)
            ? uri.Authority
            : endpoint;
    }
}
