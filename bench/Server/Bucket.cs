using System.Diagnostics;
using System.Globalization;

namespace SyncAgent.Bench.Server;

/// <summary>An object, without its bytes.</summary>
internal sealed record StoredObject(long Size, string ETag, DateTime Modified, string Headers);

/// <summary>The keys of a bucket, its open uploads, and who waits for what to be there.</summary>
internal sealed class Bucket
{
    /// <summary>Behind every key.</summary>
    private const string End = "\uffff";

    private static long _lastETag;

    private readonly Lock _lock = new();
    private readonly SortedSet<string> _keys = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Upload> _uploads = new(StringComparer.Ordinal);
    private readonly List<Watch> _watches = [];

    /// <summary>An upload that is open.</summary>
    internal sealed record Upload(string Id, string Key, string Headers)
    {
        /// <summary>Size and ETag of each part.</summary>
        public SortedDictionary<int, StoredObject> Parts { get; } = [];
    }

    /// <summary>An ETag as multipart objects have it: nobody takes it for the MD5 of the bytes, which nobody has computed.</summary>
    public static string NewETag() => string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref _lastETag):x32}-1");

    public static StoredObject NewObject(long size, string headers) => new(size, NewETag(), DateTime.UtcNow, headers);

    public StoredObject? Find(string key)
    {
        lock (_lock) return _objects.GetValueOrDefault(key);
    }

    /// <summary>Puts an object.</summary>
    /// <returns>False when it must not replace one and there is one.</returns>
    public bool Put(string key, StoredObject put, bool createOnly)
    {
        lock (_lock)
        {
            var before = _objects.GetValueOrDefault(key);
            if (createOnly && before is not null) return false;
            _objects[key] = put;
            if (before is null) _keys.Add(key);
            Tell(key, before is null ? 1 : 0, put.Size - (before?.Size ?? 0));
            return true;
        }
    }

    public void Delete(string key)
    {
        lock (_lock)
        {
            if (!_objects.Remove(key, out var before)) return;
            _keys.Remove(key);
            Tell(key, -1, -before.Size);
        }
    }

    public string Initiate(string key, string headers)
    {
        var upload = new Upload(NewETag(), key, headers);
        lock (_lock) _uploads[upload.Id] = upload;
        return upload.Id;
    }

    /// <summary>Puts a part; null when there is no such upload.</summary>
    public StoredObject? PutPart(string id, int number, long size)
    {
        lock (_lock) return _uploads.TryGetValue(id, out var upload) ? upload.Parts[number] = NewObject(size, "") : null;
    }

    /// <summary>The parts of an upload; null when there is none.</summary>
    public IReadOnlyList<(int Number, StoredObject Part)>? Parts(string id)
    {
        lock (_lock) return _uploads.TryGetValue(id, out var upload) ? [.. upload.Parts.Select(part => (part.Key, part.Value))] : null;
    }

    public IReadOnlyList<(string Id, string Key)> Uploads(string prefix)
    {
        lock (_lock) return [.. _uploads.Values.Where(upload => upload.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(upload => (upload.Id, upload.Key)).OrderBy(upload => upload.Key, StringComparer.Ordinal)];
    }

    public bool Abort(string id)
    {
        lock (_lock) return _uploads.Remove(id);
    }

    /// <summary>Makes the object of all parts; null when there is no such upload.</summary>
    public StoredObject? Complete(string id)
    {
        Upload? upload;
        lock (_lock)
        {
            if (!_uploads.Remove(id, out upload)) return null;
        }

        var whole = NewObject(upload.Parts.Values.Sum(part => part.Size), upload.Headers);
        Put(upload.Key, whole, createOnly: false);
        return whole;
    }

    /// <summary>A page of keys, those with a delimiter behind the prefix as one, from behind a key or such a group on.</summary>
    /// <returns>Keys with their objects, groups with null; and whether there are more.</returns>
    public (List<(string Name, StoredObject? Object)> Page, bool IsTruncated) List(string prefix, string delimiter, string after, int most)
    {
        lock (_lock)
        {
            var page = new List<(string, StoredObject?)>();
            string? Group(string key) => delimiter.Length > 0 && key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at ? key[..(at + delimiter.Length)] : null;
            var from = string.CompareOrdinal(after, prefix) < 0 ? prefix : (after.StartsWith(prefix, StringComparison.Ordinal) ? Group(after) is { } seen ? seen + End : after + "\0" : after);
            while (true)
            {
                var again = false;
                foreach (var key in _keys.GetViewBetween(from, End))
                {
                    if (!key.StartsWith(prefix, StringComparison.Ordinal)) return (page, false);
                    if (page.Count == most) return (page, true);
                    if (Group(key) is { } group)
                    {
                        page.Add((group, null));
                        from = group + End;
                        again = true;
                        break;
                    }

                    page.Add((key, _objects[key]));
                }

                if (!again) return (page, false);
            }
        }
    }

    /// <summary>Waits until so many files (keys that are no folder's) with so many bytes in all are below a prefix.</summary>
    /// <returns>Whether it came to that in time.</returns>
    public bool Await(string prefix, long files, long bytes, TimeSpan patience)
    {
        using var watch = new Watch(prefix, files, bytes);
        lock (_lock)
        {
            foreach (var (key, stored) in _objects) watch.Note(key, 1, stored.Size);
            _watches.Add(watch);
            watch.Judge();
        }

        var isThere = watch.Reached.Wait(patience);
        lock (_lock) _watches.Remove(watch);
        return isThere;
    }

    /// <summary>How many files and bytes are below a prefix.</summary>
    public (long Files, long Bytes) Tally(string prefix)
    {
        using var watch = new Watch(prefix, -1, -1);
        lock (_lock)
        {
            foreach (var (key, stored) in _objects) watch.Note(key, 1, stored.Size);
        }

        return (watch.Files, watch.Bytes);
    }

    private void Tell(string key, int files, long bytes)
    {
        foreach (var watch in _watches)
        {
            watch.Note(key, files, bytes);
            watch.Judge();
        }
    }

    private sealed class Watch(string prefix, long files, long bytes) : IDisposable
    {
        public ManualResetEventSlim Reached { get; } = new();

        public long Files { get; private set; }

        public long Bytes { get; private set; }

        public void Note(string key, int more, long moreBytes)
        {
            if (key.EndsWith('/') || !key.StartsWith(prefix, StringComparison.Ordinal)) return;
            Files += more;
            Bytes += moreBytes;
        }

        public void Judge()
        {
            Debug.Assert(Files >= 0, "deleted before it was put");
            if (Files == files && Bytes == bytes) Reached.Set();
        }

        public void Dispose() => Reached.Dispose();
    }
}
