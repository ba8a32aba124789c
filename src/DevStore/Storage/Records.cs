using System.Text.Json.Serialization;

namespace SyncAgent.DevStore;

/// <summary>A run of bytes of one blob file.</summary>
internal readonly record struct BlobSlice(long Blob, long Offset, long Length);

/// <summary>What a client says about an object besides its bytes.</summary>
internal sealed record ObjectAttributes
{
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>Cache-Control, Content-Encoding and the like, and every x-oss-meta-*, under lower-case names.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public string StorageClass { get; init; } = "Standard";

    /// <summary>A restored object of an archive class may be read; without an end, since nothing here waits for days.</summary>
    public bool IsRestored { get; init; }

    [JsonIgnore]
    public bool IsArchived => StorageClass is "Archive" or "ColdArchive" or "DeepColdArchive";
    public string Acl { get; init; } = "default";
    public IReadOnlyList<ObjectTag> Tags { get; init; } = [];
}

internal sealed record ObjectTag(string Key, string Value);

internal sealed record BucketRecord(string Name, DateTimeOffset Created, string Acl, string StorageClass)
{
    public const string VersioningEnabled = "Enabled";
    public const string VersioningSuspended = "Suspended";

    /// <summary>Null where versioning was never switched on.</summary>
    public string? Versioning { get; init; }
}

internal sealed record ObjectRecord
{
    public required string Bucket { get; init; }
    public required string Key { get; init; }
    public required IReadOnlyList<BlobSlice> Slices { get; init; }
    public required long Size { get; init; }

    /// <summary>Without the quotes.</summary>
    public required string ETag { get; init; }

    /// <summary>Null on some copies and on delete markers. Not required: the log leaves nulls out.</summary>
    public ulong? Crc { get; init; }

    public required DateTimeOffset LastModified { get; init; }
    public required ObjectAttributes Attributes { get; init; }

    /// <summary>Base64, for objects that one PUT made.</summary>
    public string? ContentMd5 { get; init; }

    public bool IsMultipart { get; init; }

    /// <summary>Null for what was written without versioning; OSS calls that version "null".</summary>
    public string? VersionId { get; init; }

    /// <summary>Rises from version to version; 0 without versioning.</summary>
    public long Sequence { get; init; }

    /// <summary>Says that the object was deleted; has no bytes.</summary>
    public bool IsDeleteMarker { get; init; }
}

internal sealed record UploadRecord(string Id, string Bucket, string Key, DateTimeOffset Initiated, ObjectAttributes Attributes);

/// <summary>A part; its checksum is null on some copies.</summary>
internal sealed record PartRecord(
    int Number, IReadOnlyList<BlobSlice> Slices, long Size, string ETag, ulong? Crc, DateTimeOffset LastModified);
