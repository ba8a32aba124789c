namespace SyncAgent.Store;

/// <summary>
/// Turns <see cref="ObjectOptions"/> into the headers of each call that stores an object. All options are checked before anything
/// is sent, also those that only a later call carries: an upload must not fail at its Complete for what its Initiate could tell.
/// </summary>
/// <remarks>Values that no header can carry throw <see cref="ArgumentException"/> with every mistake; what OSS does not know throws
/// <see cref="StoreErrorKind.NotSupported"/>. Headers: Alibaba's pages PutObject, InitiateMultipartUpload, CompleteMultipartUpload and
/// CopyObject.</remarks>
internal static class OssOptionHeaders
{
    /// <summary>Bytes of all names and values of user metadata together.</summary>
    private const int MaxMetadataBytes = 8 * 1024;

    private static readonly string[] Acls = ["default", "private", "public-read", "public-read-write"];
    private static readonly string[] Algorithms = ["AES256", "KMS", "SM4"];

    public static OssRequest WithPutOptions(this OssRequest request, ObjectOptions options)
    {
        Check(options);
        return request.WithStoredOptions(options).WithAcl(options).WithCallback(options).WithForbidOverwrite(options.ForbidOverwrite);
    }

    public static OssRequest WithInitiateOptions(this OssRequest request, ObjectOptions options)
    {
        Check(options);
        return request.WithStoredOptions(options).WithForbidOverwrite(options.ForbidOverwrite);
    }

    public static OssRequest WithCompleteOptions(this OssRequest request, ObjectOptions options)
    {
        Check(options);
        return request.WithAcl(options).WithCallback(options).WithForbidOverwrite(options.ForbidOverwrite);
    }

    /// <summary>For a copy that replaces the source's metadata. Without tags of its own it keeps the source's.</summary>
    public static OssRequest WithCopyOptions(this OssRequest request, ObjectOptions options)
    {
        Check(options);
        if (options.Callback is not null)
            throw new StoreException(StoreErrorKind.NotSupported, $"{request.Operation}: OSS makes no callback after a copy.");
        if (options.Tags.Count > 0) request.WithHeader(OssHeaders.TaggingDirective, "Replace");
        return request.WithStoredOptions(options).WithAcl(options).WithForbidOverwrite(options.ForbidOverwrite);
    }

    public static OssRequest WithForbidOverwrite(this OssRequest request, bool forbid) =>
        request.WithHeader(OssHeaders.ForbidOverwrite, forbid ? "true" : null);

    /// <summary>What OSS does not know of options that are otherwise well-formed.</summary>
    public static IReadOnlyList<OptionMistake> FindUnsupported(ObjectOptions options)
    {
        var unknown = new List<OptionMistake>();
        if (options.Acl is { } acl && !Acls.Contains(acl)) unknown.Add(new("acl", $"OSS knows {string.Join(", ", Acls)}."));
        if (options.Encryption is { } encryption && !Algorithms.Contains(encryption.Algorithm))
            unknown.Add(new("encryption.algorithm", $"OSS knows {string.Join(", ", Algorithms)}."));
        var metadata = options.Metadata.Sum(m => OssHeaders.MetadataPrefix.Length + m.Key.Length + m.Value.Length);
        if (metadata > MaxMetadataBytes) unknown.Add(new("metadata", $"OSS takes {MaxMetadataBytes} bytes in all, here are {metadata}."));
        if (options.Callback is { } callback) OssCallback.FindTooLong(callback, unknown);
        return unknown;
    }

    private static void Check(ObjectOptions options)
    {
        if (ObjectOptionsValidator.Validate(options) is { Count: > 0 } mistakes)
            throw new ArgumentException($"The object's options cannot be sent:\n  {string.Join("\n  ", mistakes)}", nameof(options));
        if (FindUnsupported(options) is { Count: > 0 } unknown)
            throw new StoreException(StoreErrorKind.NotSupported, $"The object's options do not fit OSS: {string.Join(" ", unknown)}");
    }

    private static OssRequest WithStoredOptions(this OssRequest request, ObjectOptions options)
    {
        request
            .WithHeader(OssHeaders.ContentType, options.ContentType)
            .WithHeader(OssHeaders.CacheControl, options.CacheControl)
            .WithHeader(OssHeaders.ContentDisposition, options.ContentDisposition)
            .WithHeader(OssHeaders.ContentEncoding, options.ContentEncoding)
            .WithHeader(OssHeaders.StorageClass, options.StorageClass)
            .WithHeader(OssHeaders.Encryption, options.Encryption?.Algorithm)
            .WithHeader(OssHeaders.EncryptionKeyId, options.Encryption?.KeyId);
        foreach (var (name, value) in options.Metadata) request.WithHeader(OssHeaders.MetadataPrefix + name, value);
        return options.Tags.Count == 0
            ? request
            : request.WithHeader(OssHeaders.Tagging, string.Join('&', options.Tags.Select(t => $"{OssUrl.Encode(t.Key)}={OssUrl.Encode(t.Value)}")));
    }

    private static OssRequest WithAcl(this OssRequest request, ObjectOptions options) => request.WithHeader(OssHeaders.ObjectAcl, options.Acl);

    private static OssRequest WithCallback(this OssRequest request, ObjectOptions options) => options.Callback is not { } callback
        ? request
        : request
            .WithHeader(OssHeaders.Callback, OssCallback.Encode(callback))
            .WithHeader(OssHeaders.CallbackVariables, OssCallback.EncodeVariables(callback));
}
