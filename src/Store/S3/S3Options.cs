using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.Store;

/// <summary>Turns <see cref="ObjectOptions"/> into requests of the vendor's client. All options are checked before anything is sent, also
/// those that only a later call carries: an upload must not fail at its Complete for what its Initiate could tell.</summary>
/// <remarks>Values that no header can carry throw <see cref="ArgumentException"/> with every mistake; what S3 does not know throws
/// <see cref="StoreErrorKind.NotSupported"/>. Source: Amazon's pages PutObject, CreateMultipartUpload and CopyObject.</remarks>
internal static class S3Options
{
    /// <summary>Bytes of all names and values of user metadata together.</summary>
    private const int MaxMetadataBytes = 2 * 1024;

    private static readonly string[] Acls =
    [
        "private", "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "bucket-owner-read", "bucket-owner-full-control",
    ];

    /// <summary>Throws when the options cannot be sent or S3 does not know one of them.</summary>
    public static void Check(ObjectOptions options)
    {
        if (ObjectOptionsValidator.Validate(options) is { Count: > 0 } mistakes)
            throw new ArgumentException($"The object's options cannot be sent:\n  {string.Join("\n  ", mistakes)}", nameof(options));
        if (FindUnsupported(options) is { Count: > 0 } unknown)
            throw new StoreException(StoreErrorKind.NotSupported, $"The object's options do not fit S3: {string.Join(" ", unknown)}");
    }

    /// <summary>What S3 does not know of options that are otherwise well-formed.</summary>
    public static IReadOnlyList<OptionMistake> FindUnsupported(ObjectOptions options)
    {
        var unknown = new List<OptionMistake>();
        if (options.Callback is not null) unknown.Add(new("callback", "upload callbacks are OSS's."));
        if (options.Acl is { } acl && !Acls.Contains(acl)) unknown.Add(new("acl", $"S3 knows {string.Join(", ", Acls)}."));
        if (options.Encryption is { Algorithm: not ("AES256" or "KMS") }) unknown.Add(new("encryption.algorithm", "S3 knows AES256, KMS."));
        var metadata = options.Metadata.Sum(m => m.Key.Length + m.Value.Length);
        if (metadata > MaxMetadataBytes) unknown.Add(new("metadata", $"S3 takes {MaxMetadataBytes} bytes in all, here are {metadata}."));
        return unknown;
    }

    /// <summary>Puts the options into a request that takes them as headers: the requests of the vendor's client have the same
    /// properties for them, and no type in common.</summary>
    public static void Apply(ObjectOptions options, HeadersCollection headers, MetadataCollection metadata)
    {
        Set("Content-Type", options.ContentType);
        Set("Cache-Control", options.CacheControl);
        Set("Content-Disposition", options.ContentDisposition);
        Set("Content-Encoding", options.ContentEncoding);
        Set("x-amz-acl", options.Acl);
        Set("x-amz-storage-class", options.StorageClass);
        Set("x-amz-tagging", Tags(options));
        Set("x-amz-server-side-encryption", Encryption(options)?.Value);
        Set("x-amz-server-side-encryption-aws-kms-key-id", options.Encryption?.KeyId);
        foreach (var (name, value) in options.Metadata) metadata[name] = value;

        void Set(string name, string? value)
        {
            if (value is not null) headers[name] = value;
        }
    }

    /// <summary>For a copy that replaces the source's metadata. Without tags of its own it keeps the source's.</summary>
    public static void Apply(ObjectOptions options, CopyObjectRequest request)
    {
        Apply(options, request.Headers, request.Metadata);
        if (options.Tags.Count > 0) request.TaggingDirective = TaggingDirective.REPLACE;
    }

    /// <summary>Whether the store has confirmed the encryption that was asked for: one that knows none may ignore it.</summary>
    public static bool IsEncrypted(ObjectOptions options, ServerSideEncryptionMethod? confirmed) =>
        options.Encryption is null || Encryption(options) == confirmed;

    /// <summary>What to throw when it has not.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="attempt">The call, and its answer.</param>
    /// <param name="whatNow">What there is in the bucket now, for a person.</param>
    /// <param name="isUndone">Whether the call has left nothing in the bucket.</param>
    public static StoreException NotEncrypted(ObjectOptions options, S3Attempt attempt, string whatNow, bool isUndone) =>
        new(StoreErrorKind.NotSupported, $"{attempt.Call.Operation}: encryption {options.Encryption?.Algorithm} was asked for and not confirmed; {whatNow}")
        {
            HttpStatus = (int)attempt.Status,
            RequestId = attempt.RequestId,
            MayHaveSucceeded = !isUndone,
        };

    private static string? Tags(ObjectOptions options) => options.Tags.Count == 0
        ? null
        : string.Join('&', options.Tags.Select(t => $"{Uri.EscapeDataString(t.Key)}={Uri.EscapeDataString(t.Value)}"));

    private static ServerSideEncryptionMethod? Encryption(ObjectOptions options) => options.Encryption switch
    {
        null => null,
        { Algorithm: "KMS" } => ServerSideEncryptionMethod.AWSKMS,
        _ => ServerSideEncryptionMethod.AES256,
    };
}
