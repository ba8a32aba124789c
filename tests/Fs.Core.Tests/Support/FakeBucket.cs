using System.Globalization;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>A bucket in memory, with a switch for being away.</summary>
internal sealed class FakeBucket : IObjectReader
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, (byte[] Bytes, string ETag)> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, string>> _metadata = [];
    private readonly List<string> _heads = [];
    private readonly List<ByteRange> _gets = [];
    private readonly Dictionary<string, ulong> _checksums = new(StringComparer.Ordinal);
    private int _version;

    public bool Away { get; set; }

    public long BytesRead { get; private set; }

    /// <summary>Listing requests.</summary>
    public int Lists { get; private set; }

    /// <summary>Waited for by each GET before it is looked at, or null.</summary>
    public Func<string, ByteRange, CancellationToken, Task>? BeforeGet { get; set; }

    /// <summary>Changes the body of a GET on its way.</summary>
    public Func<ByteRange, Stream, Stream> Body { get; set; } = (_, bytes) => bytes;

    /// <summary>Ranges asked for so far that were answered.</summary>
    public IReadOnlyList<ByteRange> Gets
    {
        get
        {
            lock (_lock) return [.. _gets];
        }
    }

    public TaskCompletionSource? HoldLists { get; set; }

    public string Put(string key, byte[] bytes)
    {
        lock (_lock)
        {
            var etag = $"E{++_version}";
            _objects[key] = (bytes, etag);
            _checksums[etag] = Crc64.Compute(bytes);
            return etag;
        }
    }

    /// <summary>An object as another program writes it, with user metadata.</summary>
    public void Put(string key, byte[] bytes, params IEnumerable<(string Name, string Value)> metadata)
    {
        lock (_lock) _metadata[key] = metadata.ToDictionary(pair => pair.Name, pair => pair.Value);
        Put(key, bytes);
    }

    /// <summary>Keys that were asked for by HEAD, in that order.</summary>
    public IReadOnlyList<string> Heads()
    {
        lock (_lock) return [.. _heads];
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
            Lists++;
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
        lock (_lock)
        {
            _heads.Add(key);
            return Task.FromResult(_objects.TryGetValue(key, out var found) ? Info(key, found) : null);
        }
    }

    public async Task<ObjectBody> GetAsync(string key, ByteRange? range, string? ifMatch, CancellationToken cancellationToken)
    {
        if (BeforeGet is { } before) await before(key, range ?? default, cancellationToken);
        ThrowIfAway();
        lock (_lock)
        {
            if (!_objects.TryGetValue(key, out var found)) throw new StoreException(StoreErrorKind.NotFound, $"{key} is gone");
            if (ifMatch is not null && ifMatch != found.ETag) throw new StoreException(StoreErrorKind.PreconditionFailed, $"{key} changed");
            var (offset, length) = range is { } r ? ((int)r.Offset, (int)Math.Min(r.Length, found.Bytes.Length - r.Offset)) : (0, found.Bytes.Length);
            BytesRead += length;
            var asked = new ByteRange(offset, length);
            _gets.Add(asked);
            return new ObjectBody(Info(key, found), Body(asked, new MemoryStream(found.Bytes, offset, length)));
        }
    }

    private ObjectInfo Info(string key, (byte[] Bytes, string ETag) found) => new(
        key, found.Bytes.Length, found.ETag, DateTimeOffset.UnixEpoch.AddDays(1), _checksums[found.ETag], null, null, null,
        _metadata.GetValueOrDefault(key) ?? new Dictionary<string, string>());

    private void ThrowIfAway()
    {
        if (Away) throw new StoreException(StoreErrorKind.Network, string.Create(CultureInfo.InvariantCulture, $"away"));
    }
}
