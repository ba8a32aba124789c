using System.Diagnostics;

namespace SyncAgent.Store;

/// <summary>Counts calls, errors and bytes. Inside <see cref="RetryingStore"/> it sees each attempt, outside each call.</summary>
/// <param name="inner">The store to call.</param>
/// <param name="metrics">Told how long each call took, with its name as the tag <c>call</c>.</param>
/// <param name="time">Clock.</param>
/// <param name="tag">A further tag of these times, such as whose store it is, or null.</param>
public sealed class MeteredStore(IObjectStore inner, StoreMetrics metrics, TimeProvider time, KeyValuePair<string, object?>? tag = null) : IObjectStore
{
    /// <summary>What it sees now.</summary>
    public StoreTraffic Traffic { get; } = new(time);

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken) =>
        MeasureAsync("list", inner.ListAsync(request, cancellationToken));

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) => MeasureAsync("head", inner.HeadAsync(key, cancellationToken));

    /// <inheritdoc/>
    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        var body = await MeasureAsync("get", inner.GetAsync(key, range, ifMatch, cancellationToken));
        return new ObjectBody(body.Info, new MeteredStream(body.Content, Traffic), body);
    }

    /// <inheritdoc/>
    public Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken) =>
        MeasureAsync("put", inner.PutAsync(key, Counted(content), options, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken) =>
        MeasureAsync("copy", inner.CopyAsync(sourceKey, sourceETag, key, replaceMetadata, options, cancellationToken));

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => MeasureAsync("delete", AsResult(inner.DeleteAsync(key, cancellationToken)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        MeasureAsync("delete_many", inner.DeleteManyAsync(keys, cancellationToken));

    /// <inheritdoc/>
    public Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken) =>
        MeasureAsync("initiate", inner.InitiateMultipartAsync(key, options, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken) =>
        MeasureAsync("part", inner.UploadPartAsync(key, uploadId, partNumber, Counted(content), cancellationToken));

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken) =>
        MeasureAsync("part_copy", inner.UploadPartCopyAsync(key, uploadId, partNumber, sourceKey, sourceETag, range, cancellationToken));

    /// <inheritdoc/>
    public Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken) =>
        MeasureAsync("list_parts", inner.ListPartsAsync(key, uploadId, partNumberMarker, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken) =>
        MeasureAsync("complete", inner.CompleteMultipartAsync(key, uploadId, parts, options, cancellationToken));

    /// <inheritdoc/>
    public Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken) =>
        MeasureAsync("abort", AsResult(inner.AbortMultipartAsync(key, uploadId, cancellationToken)));

    /// <inheritdoc/>
    public Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken) =>
        MeasureAsync("list_uploads", inner.ListUploadsAsync(prefix, keyMarker, uploadIdMarker, cancellationToken));

    private SentContent Counted(ObjectContent content) => new(content, Traffic.Sent) { Md5 = content.Md5, Crc64 = content.Crc64 };

    private async Task<T> MeasureAsync<T>(string call, Task<T> running)
    {
        var begun = time.GetTimestamp();
        var outcome = StoreTraffic.Cancelled;
        try
        {
            var result = await running;
            outcome = StoreTraffic.Ok;
            return result;
        }
        catch (StoreException e)
        {
            outcome = StoreTraffic.WordOf(e.Kind);
            throw;
        }
        finally
        {
            Traffic.Count(call, outcome);
            var tags = new TagList { { "call", call } };
            if (tag is { } further) tags.Add(further);
            metrics.Duration.Record(time.GetElapsedTime(begun).TotalSeconds, tags);
        }
    }

    private static async Task<bool> AsResult(Task running)
    {
        await running;
        return true;
    }
}
