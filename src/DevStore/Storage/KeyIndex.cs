namespace SyncAgent.DevStore;

/// <summary>
/// Names in the byte order of their UTF-8 form, which is the order of OSS listings. <c>Sub</c> orders entries of the same
/// name (the upload ids of a key). Not thread-safe: the catalog's gate guards it.
/// </summary>
internal sealed class KeyIndex<T> where T : class
{
    private readonly SortedSet<Entry> _entries = new(Order.Instance);

    public int Count => _entries.Count;

    public T? Find(string key, string sub = "") => _entries.TryGetValue(new Entry(key, sub, null), out Entry found) ? found.Value : null;

    public T? Set(string key, string sub, T value)
    {
        var entry = new Entry(key, sub, value);
        T? old = Remove(key, sub);
        _entries.Add(entry);
        return old;
    }

    public T? Remove(string key, string sub = "")
    {
        T? old = Find(key, sub);
        if (old is not null) _entries.Remove(new Entry(key, sub, null));
        return old;
    }

    /// <summary>Entries at or after a position, in order.</summary>
    public IEnumerable<Entry> From(Entry start)
    {
        if (_entries.Count == 0 || Order.Instance.Compare(_entries.Max, start) < 0) return [];
        return _entries.GetViewBetween(start, _entries.Max);
    }

    public IEnumerable<T> Values => _entries.Select(e => e.Value!);

    /// <summary>An element, or a position to search from: just behind every name with the prefix <c>Key</c> if <c>PastPrefix</c>.</summary>
    internal readonly record struct Entry(string Key, string Sub, T? Value, bool PastPrefix = false);

    private sealed class Order : IComparer<Entry>
    {
        public static readonly Order Instance = new();

        public int Compare(Entry x, Entry y)
        {
            if (x.PastPrefix && y.Key.StartsWith(x.Key, StringComparison.Ordinal)) return 1;
            if (y.PastPrefix && x.Key.StartsWith(y.Key, StringComparison.Ordinal)) return -1;
            int byKey = Utf8Order.Compare(x.Key, y.Key);
            return byKey != 0 ? byKey : string.CompareOrdinal(x.Sub, y.Sub);
        }
    }
}

/// <summary>Compares well-formed UTF-16 strings as their UTF-8 bytes would compare.</summary>
internal static class Utf8Order
{
    public static int Compare(string x, string y)
    {
        int same = x.AsSpan().CommonPrefixLength(y);
        if (same == x.Length || same == y.Length) return x.Length - y.Length;
        char a = x[same];
        char b = y[same];
        // UTF-16 puts surrogate pairs (U+10000 and up) before U+E000..U+FFFF; UTF-8 does not.
        if (char.IsSurrogate(a) != char.IsSurrogate(b)) return char.IsSurrogate(a) ? 1 : -1;
        return a - b;
    }
}
