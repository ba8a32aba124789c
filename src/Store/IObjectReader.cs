namespace SyncAgent.Store;

/// <summary>
/// The reading half of an object store: all that the file system may use. Every call throws <see cref="StoreException"/>
/// on failure and <see cref="OperationCanceledException"/> when cancelled. Thread-safe.
/// </summary>
public interface IObjectReader
{
    /// <summary>Lists one page of keys. Pages may be shorter than asked and still not be the last: go on while
    /// <see cref="ListPage.ContinuationToken"/> is not null.</summary>
    Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken);

    /// <summary>Metadata of an object, or null when there is none under this key.</summary>
    Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Opens an object, or a range of it, for reading. The caller disposes the result. Throws
    /// <see cref="StoreErrorKind.PreconditionFailed"/> when <paramref name="ifMatch"/> is given and the ETag differs,
    /// <see cref="StoreErrorKind.NotFound"/> when the key is gone.</summary>
    /// <param name="key">Object key, without the bucket.</param>
    /// <param name="range">Byte range, or null for all.</param>
    /// <param name="ifMatch">ETag that the object must still have, as <see cref="ObjectInfo.ETag"/> gave it, or null.</param>
    /// <param name="cancellationToken">Cancels the call and the body.</param>
    Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken);
}

/// <summary>A listing request. <paramref name="Delimiter"/> is "/" for one directory level or null for a flat listing.</summary>
/// <param name="Prefix">Only keys that begin with this; empty for all.</param>
/// <param name="Delimiter">Groups keys up to it into <see cref="ListPage.CommonPrefixes"/>, or null.</param>
/// <param name="ContinuationToken">From the page before, or null for the first page.</param>
/// <param name="StartAfter">Only keys after this one in UTF-8 byte order, or null. First page only.</param>
/// <param name="MaxKeys">1 to 1,000.</param>
public sealed record ListRequest(
    string Prefix, string? Delimiter = null, string? ContinuationToken = null, string? StartAfter = null, int MaxKeys = 1000);

/// <summary>One page of a listing, keys already URL-decoded.</summary>
/// <param name="Objects">Objects in key order.</param>
/// <param name="CommonPrefixes">"Directories", each ending in the delimiter.</param>
/// <param name="ContinuationToken">Null on the last page.</param>
public sealed record ListPage(
    IReadOnlyList<ListedObject> Objects, IReadOnlyList<string> CommonPrefixes, string? ContinuationToken);

/// <summary>What a listing tells about an object.</summary>
public sealed record ListedObject(string Key, long Size, string ETag, DateTimeOffset LastModified, string? StorageClass);

/// <summary>What the store says about an object. <see cref="Crc64"/> is null where the store has none (some copies, S3).</summary>
/// <param name="Key">Object key, without the bucket.</param>
/// <param name="Size">Bytes of the whole object, also on a ranged read.</param>
/// <param name="ETag">Opaque, without quotes, in the store's own case.</param>
/// <param name="LastModified">Server time, whole seconds.</param>
/// <param name="Crc64">CRC-64/XZ of the whole object as the store states it.</param>
/// <param name="VersionId">Version on a versioned bucket, else null.</param>
/// <param name="StorageClass">As the store names it, or null.</param>
/// <param name="ContentType">As stored, or null.</param>
/// <param name="Metadata">User metadata, names lower-case and without the store's prefix.</param>
public sealed record ObjectInfo(
    string Key, long Size, string ETag, DateTimeOffset LastModified, ulong? Crc64, string? VersionId,
    string? StorageClass, string? ContentType, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>MD5 of the whole object in hex, where the store states it, or null: of large, of encrypted and of some stores' objects
    /// it is not known. One that states a CRC-64 may leave it out.</summary>
    public string? Md5 { get; init; }

    /// <summary>Cache-Control as stored, or null.</summary>
    public string? CacheControl { get; init; }

    /// <summary>Content-Disposition as stored, or null.</summary>
    public string? ContentDisposition { get; init; }

    /// <summary>Content-Encoding as stored, or null.</summary>
    public string? ContentEncoding { get; init; }
}

/// <summary>A byte range: <paramref name="Length"/> bytes from <paramref name="Offset"/>; both at least 0, length at least 1.</summary>
public readonly record struct ByteRange(long Offset, long Length);

/// <summary>An open object: its metadata and its bytes. Dispose to give the connection back.</summary>
public sealed class ObjectBody(ObjectInfo info, Stream content, IDisposable? owner = null) : IDisposable
{
    /// <summary>Metadata of the object that the bytes belong to.</summary>
    public ObjectInfo Info { get; } = info;

    /// <summary>The bytes of the asked range. Reading may throw <see cref="StoreException"/>; a body cut short throws.</summary>
    public Stream Content { get; } = content;

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        owner?.Dispose();
    }
}
