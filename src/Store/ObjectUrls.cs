namespace SyncAgent.Store;

/// <summary>Addresses of objects for people: where an object is, without a signature. Whether they open in a browser is the bucket's matter.</summary>
public static class ObjectUrls
{
    /// <summary>Tells the addresses of a bucket's keys.</summary>
    /// <exception cref="ArgumentException">The options have mistakes.</exception>
    public static Func<string, string> Of(OssStoreOptions options)
    {
        var (endpoint, errors) = OssEndpoint.Resolve(options);
        return endpoint is null
            ? throw new ArgumentException(string.Join("; ", errors), nameof(options))
            : key => endpoint.UriFor(key, "").OriginalString;
    }

    /// <summary>Tells the addresses of a bucket's keys.</summary>
    /// <exception cref="ArgumentException">The options have mistakes.</exception>
    public static Func<string, string> Of(S3StoreOptions options)
    {
        var (endpoint, errors) = S3Endpoint.Resolve(options);
        if (endpoint is null) throw new ArgumentException(string.Join("; ", errors), nameof(options));
        var (scheme, authority) = (endpoint.Service.Scheme, endpoint.Service.Authority);
        var origin = endpoint.PathStyle ? $"{scheme}://{authority}/{endpoint.Bucket}/" : $"{scheme}://{endpoint.Bucket}.{authority}/";
        return key => origin + OssUrl.EncodePath(key);
    }
}
