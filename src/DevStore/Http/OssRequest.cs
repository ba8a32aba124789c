namespace SyncAgent.DevStore;

/// <summary>A request as the protocol sees it, apart from the connection it came on.</summary>
internal sealed class OssRequest
{
    public required string Method { get; init; }

    /// <summary>Null for a request to the service.</summary>
    public string? BucketName { get; init; }

    /// <summary>Decoded; null for a request to a bucket.</summary>
    public string? ObjectKey { get; init; }

    /// <summary>Decoded, in the order sent; a parameter without <c>=</c> has an empty value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Lower-case names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public RequestBody Body { get; init; } = RequestBody.Empty;

    public string Bucket => BucketName ?? throw OssErrors.InvalidBucketName();

    public string Key => ObjectKey ?? throw OssErrors.InvalidObjectName();

    public string? UploadId => Parameter("uploadId");

    /// <summary>Null when absent or not a number.</summary>
    public int? PartNumber => int.TryParse(Parameter("partNumber"), out int number) ? number : null;

    public bool Has(string parameter) => Parameter(parameter) is not null;

    public string? Parameter(string name)
    {
        foreach ((string key, string value) in Query)
        {
            if (key == name) return value;
        }

        return null;
    }

    public string? Header(string lowerName) => Headers.GetValueOrDefault(lowerName);

    /// <summary>A header that says true or false.</summary>
    public bool Flag(string lowerName) => Header(lowerName) switch
    {
        null => false,
        var value when value.Equals("true", StringComparison.OrdinalIgnoreCase) => true,
        var value when value.Equals("false", StringComparison.OrdinalIgnoreCase) => false,
        _ => throw OssErrors.InvalidArgument($"{lowerName} is true or false."),
    };
}
