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

    public static void Apply(ObjectOptions options, PutObjectRequest request)
    {
        request.ContentType = options.ContentType;
        request.CannedACL = Acl(options);
        request.StorageClass = Class(options);
        request.TagSet = Tags(options);
        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = Encryption(options);
        Apply(options, request.Headers, request.Metadata);
    }

    public static void Apply(ObjectOptions options, InitiateMultipartUploadRequest request)
    {
        request.ContentType = options.ContentType;
        request.CannedACL = Acl(options);
        request.StorageClass = Class(options);
        request.TagSet = Tags(options);
        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = Encryption(options);
        Apply(options, request.Headers, request.Metadata);
    }

    /// <summary>For a copy that replaces the source's metadata. Without tags of its own it keeps the source's.</summary>
    public static void Apply(ObjectOptions options, CopyObjectRequest request)
    {
        request.ContentType = options.ContentType;
        request.CacheControl = options.CacheControl;
        request.ContentDisposition = options.ContentDisposition;
        request.ContentEncoding = options.ContentEncoding;
        request.CannedACL = Acl(options);
        request.StorageClass = Class(options);
        if (options.Tags.Count > 0)
        {
            request.TaggingDirective = TaggingDirective.REPLACE;
            request.TagSet = Tags(options);
        }

        (request.ServerSideEncryptionMethod, request.ServerSideEncryptionKeyManagementServiceKeyId) = Encryption(options);
        foreach (var (name, value) in options.Metadata) request.Metadata[name] = value;
    }

    /// <summary>A store that does not know encryption may ignore that it was asked for.</summary>
    public static void CheckEncrypted(ObjectOptions options, ServerSideEncryptionMethod? confirmed, S3Attempt attempt, string whatNow)
    {
        if (options.Encryption is { } asked && Encryption(options).Method != confirmed)
        {
            throw new StoreException(
                StoreErrorKind.NotSupported, $"{attempt.Call.Operation}: encryption {asked.Algorithm} was asked for and not confirmed; {whatNow}")
            {
                HttpStatus = (int)attempt.Status,
                RequestId = attempt.RequestId,
                MayHaveSucceeded = true,
            };
        }
    }

    private static void Apply(ObjectOptions options, HeadersCollection headers, MetadataCollection metadata)
    {
        if (options.CacheControl is not null) headers.CacheControl = options.CacheControl;
        if (options.ContentDisposition is not null) headers.ContentDisposition = options.ContentDisposition;
        if (options.ContentEncoding is not null) headers.ContentEncoding = options.ContentEncoding;
        foreach (var (name, value) in options.Metadata) metadata[name] = value;
    }

    private static S3CannedACL? Acl(ObjectOptions options) => options.Acl is { } acl ? new S3CannedACL(acl) : null;

    private static S3StorageClass? Class(ObjectOptions options) => options.StorageClass is { } name ? new S3StorageClass(name) : null;

    private static List<Tag>? Tags(ObjectOptions options) =>
        options.Tags.Count == 0 ? null : [.. options.Tags.Select(t => new Tag { Key = t.Key, Value = t.Value })];

    private static (ServerSideEncryptionMethod? Method, string? KeyId) Encryption(ObjectOptions options) => options.Encryption switch
    {
        null => (null, null),
        { Algorithm: "KMS" } encryption => (ServerSideEncryptionMethod.AWSKMS, encryption.KeyId),
        _ => (ServerSideEncryptionMethod.AES256, null),
    };
}
