using System.Runtime.CompilerServices;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>Makes crash points of each call of a store: "store.CALL.before"; "store.CALL.after", when the answer is here and nobody has been
/// told; and, of calls that move content, "store.CALL.body", when half of it has gone through. Innermost of a chain, so that each attempt counts.</summary>
internal sealed class CrashPointStore(IObjectStore inner) : IObjectStore
{
    /// <summary>All these names.</summary>
    public static IEnumerable<string> Names =>
        from method in typeof(IObjectReader).GetMethods().Concat(typeof(IObjectStore).GetMethods())
        where !method.IsSpecialName
        let hasBody = method.Name == nameof(GetAsync) || method.GetParameters().Any(parameter => parameter.ParameterType == typeof(ObjectContent))
        from moment in hasBody ? (string[])["before", "body", "after"] : ["before", "after"]
        select NameOf(method.Name, moment);

    /// <inheritdoc/>
    public StoreCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken) => AroundAsync(() => inner.ListAsync(request, cancellationToken));

    /// <inheritdoc/>
    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken) => AroundAsync(() => inner.HeadAsync(key, cancellationToken));

    /// <inheritdoc/>
    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        var body = await AroundAsync(() => inner.GetAsync(key, range, ifMatch, cancellationToken));
        return new ObjectBody(body.Info, new HalfwayStream(body.Content, range?.Length ?? body.Info.Size, NameOf(nameof(GetAsync), "body")), body);
    }

    /// <inheritdoc/>
    public Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.PutAsync(key, Watched(content, nameof(PutAsync)), options, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.CopyAsync(sourceKey, sourceETag, key, replaceMetadata, options, cancellationToken));

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancellationToken) => AroundAsync(() => AsResult(inner.DeleteAsync(key, cancellationToken)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.DeleteManyAsync(keys, cancellationToken));

    /// <inheritdoc/>
    public Task<string> InitiateMultipartAsync(string key, ObjectOptions options, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.InitiateMultipartAsync(key, options, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartAsync(
        string key, string uploadId, int partNumber, ObjectContent content, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.UploadPartAsync(key, uploadId, partNumber, Watched(content, nameof(UploadPartAsync)), cancellationToken));

    /// <inheritdoc/>
    public Task<StoredPart> UploadPartCopyAsync(
        string key, string uploadId, int partNumber, string sourceKey, string? sourceETag, ByteRange range, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.UploadPartCopyAsync(key, uploadId, partNumber, sourceKey, sourceETag, range, cancellationToken));

    /// <inheritdoc/>
    public Task<PartsPage> ListPartsAsync(string key, string uploadId, int partNumberMarker, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.ListPartsAsync(key, uploadId, partNumberMarker, cancellationToken));

    /// <inheritdoc/>
    public Task<StoredObject> CompleteMultipartAsync(
        string key, string uploadId, IReadOnlyList<PartReference> parts, ObjectOptions options, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.CompleteMultipartAsync(key, uploadId, parts, options, cancellationToken));

    /// <inheritdoc/>
    public Task AbortMultipartAsync(string key, string uploadId, CancellationToken cancellationToken) =>
        AroundAsync(() => AsResult(inner.AbortMultipartAsync(key, uploadId, cancellationToken)));

    /// <inheritdoc/>
    public Task<UploadsPage> ListUploadsAsync(string prefix, string? keyMarker, string? uploadIdMarker, CancellationToken cancellationToken) =>
        AroundAsync(() => inner.ListUploadsAsync(prefix, keyMarker, uploadIdMarker, cancellationToken));

    private static string NameOf(string method, string moment) => $"store.{method[..^"Async".Length]}.{moment}";

    private static async Task<T> AroundAsync<T>(Func<Task<T>> call, [CallerMemberName] string method = "")
    {
        CrashPoints.Reach(NameOf(method, "before"));
        var answer = await call();
        CrashPoints.Reach(NameOf(method, "after"));
        return answer;
    }

    private static async Task<bool> AsResult(Task running)
    {
        await running;
        return true;
    }

    private static WatchedContent Watched(ObjectContent content, string method) => new(content, NameOf(method, "body")) { Md5 = content.Md5, Crc64 = content.Crc64 };

    private sealed class WatchedContent(ObjectContent content, string point) : ObjectContent
    {
        public override long Length => content.Length;

        public override Stream OpenRead() => new HalfwayStream(content.OpenRead(), content.Length, point);
    }

    private sealed class HalfwayStream(Stream inner, long length, string point) : ForwardStream
    {
        private long _position;
        private bool _passed;

        public override long Length => length;

        protected override long BytesRead => _position;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            // Small pieces at first: a body that fits into one buffer has a middle too.
            var half = Math.Max(1, length / 2);
            if (_position < half && buffer.Length > half - _position) buffer = buffer[..(int)(half - _position)];
            else if (_position >= half && !_passed)
            {
                _passed = true;
                CrashPoints.Reach(point);
            }

            var read = await inner.ReadAsync(buffer, cancellationToken);
            _position += read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
