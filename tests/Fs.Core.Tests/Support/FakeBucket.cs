using System.Globalization;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>A bucket in memory, with a switch for being away.</summary>
internal sealed class FakeBucket : IObjectReader
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (byte[] Bytes, string ETag)> _objects = new(StringComparer.Ordinal);
    private int _version;

    public bool Away { get; set; }

    public long BytesRead { get; private set; }

    public TaskCompletionSource? HoldLists { get; set; }

    public string Put(string key, byte[] bytes)
    {
        lock (_lock)
        {
            var etag = $"E{++_version}";
            _objects[key] = (bytes, etag);
            return etag;
        }
    }

    public void Delete(string key)
    {
        lock (_lock) _objects.Remove(key);
    }

    public byte[]? Bytes(string key)
    {
        lock (_lock) return _objects.TryGetValue(key, out var found) ? found.Bytes : null;
    }

    public IReadOnlyList<string> Keys()
    {
        lock (_lock) return [.. _objects.Keys];
    }

    public async Task<ListPage> ListAsync(ListRequest request, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        ListPage page;
        lock (_lock)
        {
            var objects = new List<ListedObject>();
            var prefixes = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var (key, value) in _objects)
            {
                if (!key.StartsWith(request.Prefix, StringComparison.Ordinal)) continue;
                var slash = request.Delimiter is null ? -1 : key.IndexOf('/', request.Prefix.Length);
                if (slash >= 0) prefixes.Add(key[..(slash + 1)]);
                else objects.Add(new ListedObject(key, value.Bytes.Length, value.ETag, DateTimeOffset.UnixEpoch.AddDays(1), null));
            }

            page = new ListPage(objects, [.. prefixes], null);
        }

        if (HoldLists is { } hold) await hold.Task.WaitAsync(cancellationToken);
        return page;
    }

    public Task<ObjectInfo?> HeadAsync(string key, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        lock (_lock) return Task.FromResult(_objects.TryGetValue(key, out var found) ? Info(key, found) : null);
    }

    public Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        ThrowIfAway();
        lock (_lock)
        {
            if (!_objects.TryGetValue(key, out var found)) throw new StoreException(StoreErrorKind.NotFound, $"{key} is gone");
            if (ifMatch is not null && ifMatch != found.ETag) throw new StoreException(StoreErrorKind.PreconditionFailed, $"{key} changed");
            var (offset, length) = range is { } r ? ((int)r.Offset, (int)Math.Min(r.Length, found.Bytes.Length - r.Offset)) : (0, found.Bytes.Length);
            BytesRead += length;
            return Task.FromResult(new ObjectBody(Info(key, found), new MemoryStream(found.Bytes, offset, length)));
        }
    }

    private static ObjectInfo Info(string key, (byte[] Bytes, string ETag) found) => new(
        key, found.Bytes.Length, found.ETag, DateTimeOffset.UnixEpoch.AddDays(1), Crc64.Compute(found.Bytes), null, null, null,
        new Dictionary<string, string>());

    private void ThrowIfAway()
    {
        if (Away) throw new StoreException(StoreErrorKind.Network, string.Create(CultureInfo.InvariantCulture, $"away"));
    }
}
