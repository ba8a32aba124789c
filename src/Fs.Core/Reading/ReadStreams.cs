namespace SyncAgent.Fs.Core;

/// <summary>A reader that goes forward through an object.</summary>
internal sealed class ReadStream
{
    /// <summary>Read-ahead of a reader that has just been seen to go forward.</summary>
    public const long FirstWindow = 512 * 1024;

    /// <summary>Most bytes that are asked for ahead of one reader.</summary>
    public const long LargestWindow = 16L << 20;

    /// <summary>Most requests that share a window when one connection does not keep up with the reader.</summary>
    public const int MostLanes = 4;

    private int _lanes = 1;

    /// <summary>Where the reader is: the end of what it has read so far.</summary>
    public long Next { get; private set; }

    /// <summary>How far ahead of <see cref="Next"/> bytes are wanted; 0 while nothing shows that the reader goes forward.</summary>
    public long Window { get; private set; }

    /// <summary>When it was last seen, on the table's own clock.</summary>
    public long Seen { get; set; }

    /// <summary>Bytes of one request: half a window is asked for at a time, so that the other half is there meanwhile.</summary>
    public long RequestLength => Math.Max(RemoteContent.Block, Window / 2 / _lanes);

    public void Begin(long next)
    {
        Next = next;
        Window = 0;
        _lanes = 1;
    }

    public void MoveTo(long next)
    {
        Next = next;
        if (Window == 0) Window = FirstWindow;
    }

    /// <summary>The reader has used half of its window: the next one is twice as long.</summary>
    public void Grow() => Window = Math.Min(Window * 2, LargestWindow);

    /// <summary>The reader had to wait. With the largest window that means: one connection is slower than it.</summary>
    public void Waited()
    {
        if (Window == LargestWindow) _lanes = Math.Min(_lanes + 1, MostLanes);
    }
}

/// <summary>
/// The readers of an object, told apart by where they read, as readers of one handle can be as many as its threads. A few are
/// remembered; a read that continues none of them is the possible begin of another. Not thread-safe.
/// </summary>
internal sealed class ReadStreams
{
    /// <summary>Most readers that are told apart.</summary>
    public const int Most = 64;

    // Kernels send the requests of one reader out of order, by one or two of their own read-aheads of 128 KiB.
    private const long Disorder = 256 * 1024;

    private readonly List<ReadStream> _streams = new(4);
    private long _clock;

    public IReadOnlyList<ReadStream> All => _streams;

    /// <summary>Takes note of a read of [<paramref name="offset"/>, <paramref name="end"/>) and tells whose it is.</summary>
    public ReadStream Observe(long offset, long end)
    {
        var stream = Find(offset, Math.Max(Disorder, end - offset));
        if (stream is null)
        {
            stream = Free();
            stream.Begin(end);
        }
        else if (end > stream.Next)
        {
            stream.MoveTo(end);
        }

        stream.Seen = ++_clock;
        return stream;
    }

    // A reader that was not yet seen going forward must go on exactly where it was: reads at random would pass for it too often.
    private ReadStream? Find(long offset, long behind)
    {
        ReadStream? best = null;
        foreach (var stream in _streams)
        {
            var ahead = offset - stream.Next;
            if (ahead < -behind || ahead > (stream.Window == 0 ? 0 : Disorder)) continue;
            if (best is null || Math.Abs(ahead) < Math.Abs(offset - best.Next)) best = stream;
        }

        return best;
    }

    private ReadStream Free()
    {
        if (_streams.Count < Most)
        {
            var added = new ReadStream();
            _streams.Add(added);
            return added;
        }

        var oldest = _streams[0];
        foreach (var stream in _streams)
        {
            if ((stream.Window > 0, stream.Seen).CompareTo((oldest.Window > 0, oldest.Seen)) < 0) oldest = stream;
        }

        return oldest;
    }
}
