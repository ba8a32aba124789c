namespace SyncAgent.Store;

/// <summary>How an object is stored. A store that cannot honour an option that was asked for refuses the call with
/// <see cref="StoreErrorKind.NotSupported"/> before anything is sent; it never drops it silently.</summary>
public sealed record ObjectOptions
{
    /// <summary>No metadata, no conditions.</summary>
    public static ObjectOptions None { get; } = new();

    /// <summary>Content-Type, or null for the store's default.</summary>
    public string? ContentType { get; init; }

    /// <summary>Cache-Control that readers get, or null.</summary>
    public string? CacheControl { get; init; }

    /// <summary>Content-Disposition that readers get, or null.</summary>
    public string? ContentDisposition { get; init; }

    /// <summary>Content-Encoding that readers get, or null. The bytes are sent as they are.</summary>
    public string? ContentEncoding { get; init; }

    /// <summary>User metadata, names lower-case without the store's prefix, values ASCII.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Canned access rule as the store names it ("private", "public-read", ...), or null for the bucket's.</summary>
    public string? Acl { get; init; }

    /// <summary>Storage class as the store names it ("Standard", "IA", ...), or null for the bucket's.</summary>
    public string? StorageClass { get; init; }

    /// <summary>Tags; at most 10, not encoded.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Encryption by the store, or null for the bucket's setting.</summary>
    public ServerSideEncryption? Encryption { get; init; }

    /// <summary>Whom the store is to tell once the object is there, or null.</summary>
    public UploadCallback? Callback { get; init; }

    /// <summary>Fail with <see cref="StoreErrorKind.AlreadyExists"/> when the key exists.</summary>
    public bool ForbidOverwrite { get; init; }
}

/// <summary>Encryption at rest by the store.</summary>
/// <param name="Algorithm">"AES256" with keys of the store, "KMS" with a managed key; OSS also knows "SM4".</param>
/// <param name="KeyId">Id of the managed key, with "KMS" only; null for the account's default key.</param>
public sealed record ServerSideEncryption(string Algorithm, string? KeyId = null);

/// <summary>A request that the store makes to an application's server when an upload is complete (OSS "Callback"). It has 5 seconds
/// and is made once; when it fails the object is stored all the same.</summary>
/// <param name="Url">URL to call; several joined with ";" are tried in turn.</param>
/// <param name="Body">Body of the request, with placeholders such as <c>${object}</c> and <c>${x:name}</c>.</param>
public sealed record UploadCallback(string Url, string Body)
{
    /// <summary>Content type of the body: "application/x-www-form-urlencoded" or "application/json".</summary>
    public string BodyType { get; init; } = "application/x-www-form-urlencoded";

    /// <summary>Host header of the request, or null for that of <see cref="Url"/>.</summary>
    public string? Host { get; init; }

    /// <summary>Values of the placeholders of one's own; each name begins with "x:" and is in lower case.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();
}
