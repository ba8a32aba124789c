using SyncAgent.Store;

namespace SyncAgent.Agent.Configuration;

/// <summary>One drive as it is to be mounted: checked, paths absolute.</summary>
/// <param name="MountPoint">Absolute path without a slash at the end.</param>
/// <param name="Target">What is mounted.</param>
/// <param name="ReadOnly">Refuse every change.</param>
/// <param name="AllowOther">Let other users in.</param>
internal sealed record DriveSettings(string MountPoint, TargetSettings Target, bool ReadOnly, bool AllowOther = false);

/// <summary>A bucket, or the part of it below a prefix: checked.</summary>
/// <param name="Store">"oss".</param>
/// <param name="Endpoint">Endpoint as given, or null for the region's own.</param>
/// <param name="Region">Region id, or null when the endpoint tells it.</param>
/// <param name="Bucket">Bucket name.</param>
/// <param name="Prefix">Empty, or ending in "/".</param>
/// <param name="Addressing">How the bucket is named in a request.</param>
/// <param name="AllowHttp">Allow http to another machine.</param>
internal sealed record TargetSettings(
    string Store, string? Endpoint, string? Region, string Bucket, string Prefix, OssAddressing Addressing, bool AllowHttp)
{
    /// <summary>The store client's options.</summary>
    public OssStoreOptions ToStoreOptions() => new()
    {
        Bucket = Bucket,
        Endpoint = Endpoint,
        Region = Region,
        Addressing = Addressing,
        AllowHttp = AllowHttp,
    };

    /// <summary>Host of the endpoint, for people.</summary>
    public string EndpointHost => HostOf(Endpoint ?? $"oss-{Region}.aliyuncs.com");

    /// <summary>Host, with a port where one is given, of an endpoint with or without a scheme.</summary>
    public static string HostOf(string endpoint) =>
        Uri.TryCreate(endpoint.Contains("://", StringComparison.Ordinal) ? endpoint : $"https://{endpoint}", UriKind.Absolute, out var uri)
            ? uri.Authority
            : endpoint;
}

/// <summary>What the user gave, not checked yet. Null where nothing was given.</summary>
internal sealed record TargetDraft
{
    public string? Store { get; init; }

    public string? Endpoint { get; init; }

    public string? Region { get; init; }

    public string? Bucket { get; init; }

    public string? Prefix { get; init; }

    public string? Addressing { get; init; }

    public bool AllowHttp { get; init; }
}
