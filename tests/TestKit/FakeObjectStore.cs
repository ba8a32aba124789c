using System.Globalization;
using System.Security.Cryptography;
using SyncAgent.Store;

namespace SyncAgent.TestKit;

/// <summary>A call of a <see cref="FakeObjectStore"/>.</summary>
public sealed record FakeCall(string Operation, string Key, string? UploadId = null, int? Part = null);

/// <summary>An object that a <see cref="FakeObjectStore"/> holds.</summary>
public sealed record FakeObject(
    byte[] Bytes, string ETag, ulong? Crc64, IReadOnlyDictionary<string, string> Metadata, string? ContentType, DateTimeOffset LastModified);

/// <summary>
/// A bucket in memory with OSS's rules, and two places to interfere: <see cref="Before"/> a call does anything (throw: it never
/// happened; wait: it hangs) and <see cref="After"/> it was carried out (throw: the reply is lost).
/// </summary>
public sealed partial class FakeObjectStore(TimeProvider time) : IObjectStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, FakeObject> _objects = new(StringComparer.Ordinal);
    private readonly List<FakeCall> _calls = [];
    private int _serial;

    public Func<FakeCall, CancellationToken, Task>? Before { get; set; }

    public Func<FakeCall, Task>? After { get; set; }

    /// <summary>Changes the bytes of a body on their way, or breaks it.</summary>
    public Func<FakeCall, MemoryStream, Stream> Body { get; set; } = (_, bytes) => bytes;

    /// <summary>Changes the checksum that Complete states.</summary>
    public Func<ulong, ulong?> StateCrc { get; set; } = crc => crc;

    public StoreCapabilities Capabilities { get; set; } = new(
        "fake", ForbidOverwrite: true, ObjectCrc64: true, MaxPutSize: 5L << 30, MaxCopySize: 1 << 30, MinPartSize: 100 * 1024,
        MaxPartSize: 5L << 30, MaxParts: 10_000);

    /// <summary>Objects by key, as they are now.</summary>
    public IReadOnlyDictionary<string, FakeObject> Objects
    {
        get
        {
            lock (_lock) return new Dictionary<string, FakeObject>(_objects);
        }
    }

    /// <summary>All calls so far, in order of their arrival.</summary>
    public IReadOnlyList<FakeCall> Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    /// <summary>Somebody else writes an object; with the metadata of one of ours, a request is carried out whose caller has left.</summary>
    public FakeObject PutForeign(string key, byte[] bytes, IReadOnlyDictionary<string, string>? metadata = null)
    {
        lock (_lock) return StoreNeedsLock(key, bytes, Md5(bytes), metadata ?? new Dictionary<string, string>(), null);
    }

    /// <summary>The store's own disk changes an object's bytes: the ETag stays.</summary>
    public void Rot(string key, byte[] bytes)
    {
        lock (_lock) _objects[key] = _objects[key] with { Bytes = bytes, Crc64 = Crc64.Compute(bytes) };
    }

    /// <summary>Somebody else deletes an object.</summary>
    public void DeleteForeign(string key)
    {
        lock (_lock) _objects.Remove(key);
    }

    public async Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken)
    {
        await EnterAsync(new FakeCall("List", request.Prefix), cancellationToken);
        lock (_lock)
        {
            var after = request.ContinuationToken ?? request.StartAfter ?? "";
            List<ListedObject> objects = [.. _objects
                .Where(pair => pair.Key.StartsWith(request.Prefix, StringComparison.Ordinal) && string.CompareOrdinal(pair.Key, after) > 0)
                .Select(pair => new ListedObject(pair.Key, pair.Value.Bytes.Length, pair.Value.ETag, pair.Value.LastModified, null))];
            return objects.Count <= request.MaxKeys
                ? new ListPage(objects, [], null)
                : new ListPage(objects[..request.MaxKeys], [], objects[request.MaxKeys - 1].Key);
        }
    }

    public async Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        await EnterAsync(new FakeCall("Head", key), cancellationToken);
        lock (_lock) return _objects.TryGetValue(key, out var found) ? Info(key, found) : null;
    }

    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Get", key);
        await EnterAsync(call, cancellationToken);
        lock (_lock)
        {
            var found = SourceNeedsLock(key, ifMatch);
            var (offset, length) = range is { } part ? ((int)part.Offset, (int)Math.Min(part.Length, found.Bytes.Length - part.Offset)) : (0, found.Bytes.Length);
            return new ObjectBody(Info(key, found), Body(call, new MemoryStream(found.Bytes, offset, length, writable: false)));
        }
    }

    public async Task<StoredObject> PutAsync(string key, ObjectContent content, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Put", key);
        await EnterAsync(call, cancellationToken);
        var bytes = await ReadAsync(content, cancellationToken);
        StoredObject stored;
        lock (_lock)
        {
            RefuseOverwriteNeedsLock(key, options.ForbidOverwrite);
            stored = Answer(StoreNeedsLock(key, bytes, Md5(bytes), options.Metadata, options.ContentType));
        }

        await LeaveAsync(call);
        return stored;
    }

    public async Task<StoredObject> CopyAsync(
        string sourceKey, string? sourceETag, string key, bool replaceMetadata, ObjectOptions options, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Copy", key);
        await EnterAsync(call, cancellationToken);
        StoredObject stored;
        lock (_lock)
        {
            var source = SourceNeedsLock(sourceKey, sourceETag);
            if (source.Bytes.Length > Capabilities.MaxCopySize) throw new StoreException(StoreErrorKind.TooLarge, "too large to copy");
            RefuseOverwriteNeedsLock(key, options.ForbidOverwrite);
            var copy = StoreNeedsLock(key, source.Bytes, source.ETag, replaceMetadata ? options.Metadata : source.Metadata, options.ContentType);
            stored = Answer(copy);
        }

        await LeaveAsync(call);
        return stored;
    }

    public async Task DeleteAsync(string key, CancellationToken cancellationToken)
    {
        var call = new FakeCall("Delete", key);
        await EnterAsync(call, cancellationToken);
        lock (_lock) _objects.Remove(key);
        await LeaveAsync(call);
    }

    /// <summary>Fails single keys of a deletion of many.</summary>
    public Func<string, StoreException?> RefuseDelete { get; set; } = _ => null;

    public async Task<IReadOnlyList<DeleteResult>> DeleteManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var call = new FakeCall("DeleteMany", keys[0]);
        await EnterAsync(call, cancellationToken);
        List<DeleteResult> results = [.. keys.Select(key => new DeleteResult(key, RefuseDelete(key)))];
        lock (_lock)
        {
            foreach (var result in results.Where(result => result.Error is null)) _objects.Remove(result.Key);
        }

        await LeaveAsync(call);
        return results;
    }

    private static async Task<byte[]> ReadAsync(ObjectContent content, CancellationToken cancellationToken)
    {
        await using var stream = content.OpenRead();
        var bytes = new byte[content.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        if (content.Crc64 is { } crc && crc != Crc64.Compute(bytes)) throw new StoreException(StoreErrorKind.SourceChanged, "the bytes are not those announced");
        if (content.Md5 is { } md5 && !md5.AsSpan().SequenceEqual(MD5.HashData(bytes))) throw new StoreException(StoreErrorKind.ChecksumMismatch, "wrong MD5");
        return bytes;
    }

    private static string Md5(byte[] bytes) => Convert.ToHexString(MD5.HashData(bytes));

    private static ObjectInfo Info(string key, FakeObject found) => new(
        key, found.Bytes.Length, found.ETag, found.LastModified, found.Crc64, null, "Standard", found.ContentType, found.Metadata)
    {
        // As on S3.
        Md5 = found.Crc64 is null && found.ETag == Md5(found.Bytes) ? found.ETag : null,
    };

    private static StoredObject Answer(FakeObject stored) => new(stored.ETag, stored.Crc64, null, "request-1");

    private async Task EnterAsync(FakeCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) _calls.Add(call);
        if (Before is { } before) await before(call, cancellationToken);
    }

    private Task LeaveAsync(FakeCall call) => After is { } after ? after(call) : Task.CompletedTask;

    private FakeObject StoreNeedsLock(string key, byte[] bytes, string etag, IReadOnlyDictionary<string, string> metadata, string? contentType)
    {
        ulong? crc = Capabilities.ObjectCrc64 ? Crc64.Compute(bytes) : null;
        return _objects[key] = new FakeObject(bytes, etag, crc, metadata, contentType, time.GetUtcNow());
    }

    private FakeObject SourceNeedsLock(string key, string? etag)
    {
        if (!_objects.TryGetValue(key, out var found)) throw new StoreException(StoreErrorKind.NotFound, $"no {key}") { HttpStatus = 404 };
        if (etag is not null && etag != found.ETag) throw new StoreException(StoreErrorKind.PreconditionFailed, $"{key} is another") { HttpStatus = 412 };
        return found;
    }

    private void RefuseOverwriteNeedsLock(string key, bool forbid)
    {
        if (forbid && _objects.ContainsKey(key)) throw new StoreException(StoreErrorKind.AlreadyExists, $"{key} exists") { HttpStatus = 409 };
    }

    private string Serial(string what) => string.Create(CultureInfo.InvariantCulture, $"{what}-{++_serial}");
}
