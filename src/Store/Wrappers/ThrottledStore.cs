namespace SyncAgent.Store;

/// <summary>Keeps the bytes of objects and parts within the bandwidth. Other calls are small and go through. Inside
/// <see cref="RetryingStore"/> a repeated attempt counts again, as it crosses the network again.</summary>
public sealed class ThrottledStore(IObjectStore inner, BandwidthLimiter upload, BandwidthLimiter download) : IObjectStore
{
    /// <inheritdoc/>
    public StoreCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken) => inner.ListAsync(request, cancellationToken);

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) => inner.HeadAsync(key, cancellationToken);

    /// <inheritdoc/>
    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        var body = await inner.GetAsync(key, range, ifMatch, cancellationToken);
        return new ObjectBody(body.Info, new ThrottledStream(body.Content, download, body.Content.Length), body);
    }

    /// <inheritdoc/>
    public Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken) =>
        inner.PutAsync(key, Throttled(content), options, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken) =>
        inner.CopyAsync(sourceKey, sourceETag, key, replaceMetadata, options, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        inner.DeleteManyAsync(keys, cancellationToken);

    /// <inheritdoc/>
    public Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken) =>
        inner.InitiateMultipartAsync(key, options, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken) =>
        inner.UploadPartAsync(key, uploadId, partNumber, Throttled(content), cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken) =>
        inner.UploadPartCopyAsync(key, uploadId, partNumber, sourceKey, sourceETag, range, cancellationToken);

    /// <inheritdoc/>
    public Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken) =>
        inner.ListPartsAsync(key, uploadId, partNumberMarker, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken) =>
        inner.CompleteMultipartAsync(key, uploadId, parts, options, cancellationToken);

    /// <inheritdoc/>
    public Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken) =>
        inner.AbortMultipartAsync(key, uploadId, cancellationToken);

    /// <inheritdoc/>
    public Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken) =>
        inner.ListUploadsAsync(prefix, keyMarker, uploadIdMarker, cancellationToken);

    private ThrottledContent Throttled(ObjectContent content) => new(content, upload) { Md5 = content.Md5, Crc64 = content.Crc64 };

    private sealed class ThrottledContent(ObjectContent content, BandwidthLimiter limiter) : ObjectContent
    {
        public override long Length => content.Length;

        public override Stream OpenRead() => new ThrottledStream(content.OpenRead(), limiter, content.Length);
    }
}
