namespace SyncAgent.Store;

/// <summary>Bytes per second over the last <see cref="Window"/>. Thread-safe; counting allocates nothing and needs no timer.</summary>
/// <param name="time">Clock.</param>
public sealed class RateMeter(TimeProvider time)
{
    private const int Slots = 8;

    /// <summary>What is shorter says more about the size of a buffer than about the speed.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(0.5);

    /// <summary>How far back the rate looks.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Slot = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly long[] _bytes = new long[Slots];
    private readonly long[] _slot = new long[Slots];
    private readonly long _start = time.GetTimestamp();
    private long _total;
    private TimeSpan? _first;
    private TimeSpan _last;

    /// <summary>All bytes since the start.</summary>
    public long Total
    {
        get
        {
            lock (_lock) return _total;
        }
    }

    /// <summary>The rate now; 0 when nothing was counted within the window.</summary>
    public long BytesPerSecond
    {
        get
        {
            var now = time.GetElapsedTime(_start);
            lock (_lock)
            {
                if (_first is not { } first) return 0;
                var oldest = Math.Max(0, Index(now - Window) + 1);
                long sum = 0;
                for (var i = 0; i < Slots; i++)
                {
                    if (_slot[i] >= oldest) sum += _bytes[i];
                }

                var begin = oldest * Slot;
                var span = now - (first > begin ? first : begin);
                return (long)(sum / (span > Shortest ? span : Shortest).TotalSeconds);
            }
        }
    }

    /// <summary>Counts bytes that have just moved.</summary>
    public void Add(long bytes)
    {
        var now = time.GetElapsedTime(_start);
        var index = Index(now);
        lock (_lock)
        {
            // After a silence longer than the window it begins anew: the silence is not averaged in.
            if (_first is null || now - _last > Window) _first = now;
            _last = now;
            _total += bytes;
            var at = (int)(index % Slots);
            if (_slot[at] != index) (_slot[at], _bytes[at]) = (index, 0);
            _bytes[at] += bytes;
        }
    }

    private static long Index(TimeSpan time) => (long)Math.Floor(time / Slot);
}
