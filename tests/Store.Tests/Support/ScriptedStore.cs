namespace SyncAgent.Store.Tests;

/// <summary>A store that fails as told, then succeeds with nothing to say.</summary>
public sealed class ScriptedStore : IObjectStore
{
    public Queue<Exception> Failures { get; } = new();

    public List<string> Calls { get; } = [];

    public byte[] Body { get; init; } = [];

    public StoreCapabilities Capabilities { get; } = new("scripted", true, true, 1, 1, 1, 1, 1);

    public Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken) => Next("list", new ListPage([], [], null));

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) => Next<ObjectInfo?>("head", null);

    public Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken) => Next(
        "get",
        new ObjectBody(new ObjectInfo(key, Body.Length, "E", default, null, null, null, null, new Dictionary<string, string>()), new MemoryStream(Body)));

    public Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken) =>
        Next("put", new StoredObject("E", null, null, null));

    public Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken) =>
        Next("copy", new StoredObject("E", null, null, null));

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => Next("delete", 0);

    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        Next<IReadOnlyList<DeleteResult>>("delete_many", [.. keys.Select(key => new DeleteResult(key, null))]);

    public Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken) => Next("initiate", "U");

    public Task<StoredPart> UploadPartAsync(string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken) =>
        Next("part", new StoredPart("E", null));

    public Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken) =>
        Next("part_copy", new StoredPart("E", null));

    public Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken) =>
        Next("list_parts", new PartsPage([], null));

    public Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken) =>
        Next("complete", new StoredObject("E", null, null, null));

    public Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken) => Next("abort", 0);

    public Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken) =>
        Next("list_uploads", new UploadsPage([], null, null));

    private async Task<T> Next<T>(string call, T result)
    {
        await Task.Yield();
        Calls.Add(call);
        return Failures.TryDequeue(out var failure) ? throw failure : result;
    }
}
