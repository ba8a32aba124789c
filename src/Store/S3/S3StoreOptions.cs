namespace SyncAgent.Store;

/// <summary>Whether "create only" is left to the store (<c>If-None-Match: *</c>).</summary>
public enum S3ConditionalWrites
{
    /// <summary>Amazon's own endpoints are trusted with it. Elsewhere the header is sent and the key looked at first as well, since
    /// some stores ignore the header; one that answers 501 is from then on only looked at.</summary>
    Auto,

    /// <summary>The store is known to honour the header on a put: it alone decides there. Before copies and completes the key is looked at
    /// first as well, except at Amazon.</summary>
    On,

    /// <summary>The header is never sent: the key is looked at first, which leaves a window in which another writer may create it.</summary>
    Off,
}

/// <summary>Where a bucket is and how to reach it.</summary>
public sealed record S3StoreOptions
{
    /// <summary>Bucket name.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>Region such as "eu-central-1"; null when an amazonaws.com endpoint tells it, or elsewhere for us-east-1, which stores
    /// without regions expect.</summary>
    public string? Region { get; init; }

    /// <summary>Host or URL, e.g. "s3.example.com" or "http://127.0.0.1:9000". Null: Amazon's own for the region. Without a scheme: https.</summary>
    public string? Endpoint { get; init; }

    /// <summary>Whether the bucket stands in the path (<c>https://host/bucket/key</c>) rather than before the host. Null: in the path for
    /// IP addresses, localhost, buckets with a dot in their name and every host but Amazon's and Alibaba's.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Allow http to a host other than this machine. Signatures cover bodies over http, but nothing hides them.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Whether "create only" is left to the store.</summary>
    public S3ConditionalWrites ConditionalWrites { get; init; }

    /// <summary>Proxy, certificate authorities and patience.</summary>
    public ConnectionOptions Connection { get; init; } = new();

    /// <summary>Entries asked for in one page of parts or uploads, 1 to 1,000; smaller ones let tests turn pages early.</summary>
    internal int PageSize { get; init; } = 1000;

    /// <summary>Every mistake in these options, one sentence each; empty when they can be used.</summary>
    public IReadOnlyList<string> Validate() => S3Endpoint.Resolve(this).Errors;
}
