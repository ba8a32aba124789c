namespace SyncAgent.Store;

/// <summary>How a bucket is named in a request.</summary>
public enum OssAddressing
{
    /// <summary>Path for IP addresses and localhost, virtual host otherwise.</summary>
    Auto,

    /// <summary><c>https://bucket.oss-cn-hangzhou.aliyuncs.com/key</c></summary>
    VirtualHost,

    /// <summary><c>http://127.0.0.1:9000/bucket/key</c>; Alibaba's own endpoints refuse it.</summary>
    Path,

    /// <summary>The endpoint is the bucket's own domain. New accounts need one for data in mainland regions (since March 2025).</summary>
    Cname,
}

/// <summary>Where a bucket is and how to reach it.</summary>
public sealed record OssStoreOptions
{
    /// <summary>Bucket name.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>Region such as "cn-hangzhou" ("oss-cn-hangzhou" is understood); null when an aliyuncs.com endpoint tells it.</summary>
    public string? Region { get; init; }

    /// <summary>Host or URL, e.g. "oss-cn-hangzhou.aliyuncs.com", "http://127.0.0.1:9000" or, with
    /// <see cref="OssAddressing.Cname"/>, the bucket's own domain. Null: the region's own endpoint. Without a scheme: https.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Use the region's endpoint inside Alibaba's network; only where <see cref="Endpoint"/> is null.</summary>
    public bool Internal { get; init; }

    /// <summary>How the bucket is named in a request.</summary>
    public OssAddressing Addressing { get; init; }

    /// <summary>Allow http to a host other than this machine. Signed requests do not cover their bodies, so http gives them away.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Proxy, certificate authorities and patience.</summary>
    public ConnectionOptions Connection { get; init; } = new();

    /// <summary>Every mistake in these options, one sentence each; empty when they can be used.</summary>
    public IReadOnlyList<string> Validate() => OssEndpoint.Resolve(this).Errors;
}
