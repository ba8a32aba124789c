namespace SyncAgent.Journal;

/// <summary>
/// Which bytes of an overlay are its own. Ranges are kept sorted and disjoint; adjacent ones are joined. Below
/// <see cref="BaseLimit"/> an uncovered byte is the base's, above it a zero. Not thread-safe.
/// </summary>
public sealed class ExtentMap
{
    private readonly List<long> _starts = [];
    private readonly List<long> _ends = [];

    /// <summary>Makes an empty map over a base.</summary>
    /// <param name="baseSize">Length of the base in bytes.</param>
    public ExtentMap(long baseSize)
    {
        BaseLimit = baseSize;
        Size = baseSize;
    }

    /// <summary>Length of the file in bytes, as writes and cuts have made it.</summary>
    public long Size { get; private set; }

    /// <summary>The base counts only below this offset: its length, or the smallest length the file was cut to since.</summary>
    public long BaseLimit { get; private set; }

    /// <summary>Number of separate ranges.</summary>
    public int Count => _starts.Count;

    /// <summary>Bytes covered.</summary>
    public long Covered
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < _starts.Count; i++) sum += _ends[i] - _starts[i];
            return sum;
        }
    }

    /// <summary>Bytes that are the base's still.</summary>
    public long BaseBytes
    {
        get
        {
            var sum = BaseLimit;
            for (var i = 0; i < _starts.Count && _starts[i] < BaseLimit; i++) sum -= Math.Min(_ends[i], BaseLimit) - _starts[i];
            return sum;
        }
    }

    /// <summary>Covers [<paramref name="start"/>, <paramref name="end"/>). Returns false when all of it was covered before.</summary>
    public bool Add(long start, long end)
    {
        if (start >= end) return false;
        Size = Math.Max(Size, end);
        var first = FirstEndingAtOrAfter(start);
        if (first < _starts.Count && _starts[first] <= start && _ends[first] >= end) return false;
        var last = first;
        while (last < _starts.Count && _starts[last] <= end) last++;
        if (last > first)
        {
            start = Math.Min(start, _starts[first]);
            end = Math.Max(end, _ends[last - 1]);
            _starts.RemoveRange(first, last - first);
            _ends.RemoveRange(first, last - first);
        }

        _starts.Insert(first, start);
        _ends.Insert(first, end);
        return true;
    }

    /// <summary>Whether all of [<paramref name="start"/>, <paramref name="end"/>) is covered.</summary>
    public bool Covers(long start, long end)
    {
        if (start >= end) return true;
        var i = FirstEndingAtOrAfter(end);
        return i < _starts.Count && _starts[i] <= start;
    }

    /// <summary>The file was cut to <paramref name="size"/> bytes: what lay above is gone, in the base too.</summary>
    public void Truncate(long size)
    {
        BaseLimit = Math.Min(BaseLimit, size);
        Size = size;
        while (_starts.Count > 0 && _starts[^1] >= size)
        {
            _starts.RemoveAt(_starts.Count - 1);
            _ends.RemoveAt(_ends.Count - 1);
        }

        if (_ends.Count > 0 && _ends[^1] > size) _ends[^1] = size;
    }

    /// <summary>The piece that begins at <paramref name="offset"/>: whose it is and how long it stays so, at most to
    /// <paramref name="limit"/>.</summary>
    public Extent At(long offset, long limit)
    {
        var i = FirstEndingAfter(offset);
        if (i < _starts.Count && _starts[i] <= offset) return new Extent(offset, Math.Min(_ends[i], limit), ExtentOwner.Overlay);
        var next = i < _starts.Count ? Math.Min(_starts[i], limit) : limit;
        return offset < BaseLimit
            ? new Extent(offset, Math.Min(next, BaseLimit), ExtentOwner.Base)
            : new Extent(offset, next, ExtentOwner.Zeros);
    }

    /// <summary>All pieces of [0, <paramref name="size"/>), in order.</summary>
    public IEnumerable<Extent> Pieces(long size)
    {
        for (long offset = 0; offset < size;)
        {
            var piece = At(offset, size);
            yield return piece;
            offset = piece.End;
        }
    }

    private int FirstEndingAtOrAfter(long offset)
    {
        var i = _ends.BinarySearch(offset);
        return i >= 0 ? i : ~i;
    }

    private int FirstEndingAfter(long offset)
    {
        var i = _ends.BinarySearch(offset);
        return i >= 0 ? i + 1 : ~i;
    }
}

/// <summary>Whose bytes a piece of an overlay are.</summary>
public enum ExtentOwner
{
    /// <summary>The overlay's own.</summary>
    Overlay,

    /// <summary>The base's.</summary>
    Base,

    /// <summary>A hole: zeros.</summary>
    Zeros,
}

/// <summary>A piece [<paramref name="Start"/>, <paramref name="End"/>) of a file.</summary>
public readonly record struct Extent(long Start, long End, ExtentOwner Owner)
{
    /// <summary>Bytes.</summary>
    public long Length => End - Start;
}
