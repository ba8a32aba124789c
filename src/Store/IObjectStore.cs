namespace SyncAgent.Store;

/// <summary>
/// An object store as the transfer layer needs it. Implementations check what they send: a body whose CRC-64, as
/// returned by the store, differs from that of the bytes read throws <see cref="StoreErrorKind.ChecksumMismatch"/>.
/// Every call throws <see cref="StoreException"/>; whether a repeat can help is <see cref="StoreException.IsTransient"/>.
/// </summary>
public interface IObjectStore : IObjectReader
{
    /// <summary>What this store can do.</summary>
    StoreCapabilities Capabilities { get; }

    /// <summary>Stores a whole object in one request (at most <see cref="StoreCapabilities.MaxPutSize"/> bytes).</summary>
    Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken);

    /// <summary>Copies an object on the server, at most <see cref="StoreCapabilities.MaxCopySize"/> bytes. The source must still
    /// have <paramref name="sourceETag"/> when that is not null. When <paramref name="replaceMetadata"/> is false the source's
    /// metadata is kept and <paramref name="options"/> supplies only <see cref="ObjectOptions.ForbidOverwrite"/>.</summary>
    Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken);

    /// <summary>Deletes a key. A key that is already gone is success.</summary>
    Task DeleteAsync(string key, CancellationToken cancellationToken);

    /// <summary>Deletes keys, together where the store takes them together. Keys that are already gone are success.</summary>
    /// <param name="keys">1 to <see cref="DeleteResult.MaxKeys"/> keys, none twice.</param>
    /// <param name="cancellationToken">Cancels the request, not what the store does with it.</param>
    /// <returns>What became of each key, in their order. What fails as a whole throws, and says nothing of any key.</returns>
    Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Begins a multipart upload. Not repeatable: a lost reply leaves an upload whose id nobody knows.</summary>
    /// <returns>The upload id.</returns>
    Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken);

    /// <summary>Sends one part; the same number again replaces it.</summary>
    /// <param name="key">Object key.</param>
    /// <param name="uploadId">From <see cref="InitiateMultipartAsync"/>.</param>
    /// <param name="partNumber">1 to 10,000.</param>
    /// <param name="content">The part's bytes: 100 KB to 5 GB, the last may be smaller.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken);

    /// <summary>Makes a part from a range of an existing object that still has <paramref name="sourceETag"/>.</summary>
    Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken);

    /// <summary>Lists parts that the store holds for an upload, one page (at most 1,000) after <paramref name="partNumberMarker"/>.
    /// Throws <see cref="StoreErrorKind.NoSuchUpload"/> when the id is gone.</summary>
    Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken);

    /// <summary>Joins parts (ascending numbers) into the object. Not repeatable blindly: after a lost reply look at the object
    /// with <see cref="IObjectReader.HeadAsync"/> first.</summary>
    /// <param name="key">Object key.</param>
    /// <param name="uploadId">From <see cref="InitiateMultipartAsync"/>.</param>
    /// <param name="parts">At least one, numbers ascending, gaps allowed.</param>
    /// <param name="options">The options that the upload was begun with: <see cref="ObjectOptions.ForbidOverwrite"/>,
    /// <see cref="ObjectOptions.Acl"/> and <see cref="ObjectOptions.Callback"/> are named again here, the others held since then.</param>
    /// <param name="cancellationToken">Cancels the request, not what the store does with it.</param>
    Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken);

    /// <summary>Drops a multipart upload and its parts. An id that is already gone is success.</summary>
    Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken);

    /// <summary>Lists open multipart uploads below a prefix, one page.</summary>
    Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken);
}

/// <summary>Limits and abilities of a store.</summary>
/// <param name="Name">"oss" or "s3".</param>
/// <param name="ForbidOverwrite">Whether create-only is checked by the store itself.</param>
/// <param name="ObjectCrc64">Whether the store states a CRC-64/XZ of the whole object after put and complete.</param>
/// <param name="MaxPutSize">Bytes in one PutObject.</param>
/// <param name="MaxCopySize">Bytes in one CopyObject.</param>
/// <param name="MinPartSize">Bytes of any part but the last.</param>
/// <param name="MaxPartSize">Bytes of any part.</param>
/// <param name="MaxParts">Parts of one upload.</param>
public sealed record StoreCapabilities(
    string Name, bool ForbidOverwrite, bool ObjectCrc64, long MaxPutSize, long MaxCopySize, long MinPartSize, long MaxPartSize, int MaxParts)
{
    /// <summary>Endpoint and bucket, e.g. "oss-cn-hangzhou.aliyuncs.com/example": what an upload id belongs to.</summary>
    public string Location { get; init; } = "";

    /// <summary>Bytes of one object: as many parts as there may be, of the largest size. OSS: 10,000 of 5 GiB, about 48.8 TiB.</summary>
    public long MaxObjectSize { get; init; } = MaxPartSize * MaxParts;
}

/// <summary>Bytes to send, which can be read again for each attempt. Immutable content only.</summary>
public abstract class ObjectContent
{
    /// <summary>Length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>MD5 of the bytes (16 bytes), sent as Content-MD5, or null to send none.</summary>
    public byte[]? Md5 { get; init; }

    /// <summary>CRC-64/XZ of the bytes as their owner knows it; when set, the bytes sent must match it or the call fails with
    /// <see cref="StoreErrorKind.SourceChanged"/> before the store's answer is believed.</summary>
    public ulong? Crc64 { get; init; }

    /// <summary>Opens the bytes from the start. Called once per attempt.</summary>
    public abstract Stream OpenRead();
}

/// <summary>The store's answer to a put, copy or complete. <see cref="Crc64"/> is the store's own statement, or null.</summary>
public sealed record StoredObject(string ETag, ulong? Crc64, string? VersionId, string? RequestId)
{
    /// <summary>What came of the upload callback, or null when none was asked for. A callback that failed leaves the object stored.</summary>
    public CallbackResult? Callback { get; init; }
}

/// <summary>What became of one key of <see cref="IObjectStore.DeleteManyAsync"/>: deleted, or why not.</summary>
/// <param name="Key">The key.</param>
/// <param name="Error">Null when it is gone.</param>
public sealed record DeleteResult(string Key, StoreException? Error)
{
    /// <summary>Most keys of one call, as OSS and S3 have it.</summary>
    public const int MaxKeys = 1000;
}

/// <summary>What came of an upload callback.</summary>
/// <param name="Notified">Whether the application's server answered as it must.</param>
/// <param name="Message">What it answered, or why it was not notified.</param>
public sealed record CallbackResult(bool Notified, string Message);

/// <summary>The store's answer to a part.</summary>
public sealed record StoredPart(string ETag, ulong? Crc64);

/// <summary>A part named at Complete.</summary>
public sealed record PartReference(int PartNumber, string ETag);

/// <summary>A part that the store holds.</summary>
public sealed record ListedPart(int PartNumber, long Size, string ETag, ulong? Crc64);

/// <summary>One page of parts; <see cref="NextPartNumberMarker"/> is null on the last.</summary>
public sealed record PartsPage(IReadOnlyList<ListedPart> Parts, int? NextPartNumberMarker);

/// <summary>An open multipart upload.</summary>
public sealed record ListedUpload(string Key, string UploadId, DateTimeOffset Initiated);

/// <summary>One page of uploads; both markers are null on the last.</summary>
public sealed record UploadsPage(IReadOnlyList<ListedUpload> Uploads, string? NextKeyMarker, string? NextUploadIdMarker);
