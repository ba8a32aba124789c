namespace SyncAgent.Fs.Core;

/// <summary>
/// Back-pressure: writes are refused while the staging disk has no more than the reserve left, so that commits and uploads always
/// go on. New names need a row of the journal only and may use most of the reserve. The disk is asked again after some MiB written, not
/// at every write.
/// </summary>
internal sealed class StagingSpace
{
    private const long AskEvery = 16L << 20;
    private const long LeastAskEvery = 1L << 20;

    /// <summary>What is kept free where nobody says otherwise, and of a small disk an eighth.</summary>
    private const long UsualReserve = 256L << 20;

    private const long MostForNames = 64L << 20;

    /// <summary>A row with its indexes, once in the log and once in the database.</summary>
    private const long NameBytes = 16 << 10;

    /// <summary>Whoever writes on against a full disk must not have it searched for every write.</summary>
    private static readonly TimeSpan ReclaimPause = TimeSpan.FromSeconds(1);

    private readonly DriveInfo _disk;
    private readonly TimeProvider _time;
    private readonly long _askEvery;
    private readonly long _floorOfNames;
    private long _credit;
    private long _reclaimedAt;
    private long _refused;

    /// <param name="folder">A folder of the disk.</param>
    /// <param name="reserve">Bytes that writes leave free, or null for the usual.</param>
    /// <param name="time">Clock.</param>
    public StagingSpace(string folder, long? reserve, TimeProvider time)
    {
        _disk = new DriveInfo(folder);
        _time = time;
        Reserve = reserve ?? Math.Min(UsualReserve, _disk.TotalSize / 8);
        _askEvery = Math.Clamp(Reserve / 8, LeastAskEvery, AskEvery);
        _floorOfNames = Math.Min(Reserve / 4, MostForNames);
    }

    /// <summary>Bytes that writes leave free.</summary>
    public long Reserve { get; }

    /// <summary>Size of the disk in bytes.</summary>
    public long Total => _disk.TotalSize;

    /// <summary>Bytes that may be written.</summary>
    public long Available => Math.Max(0, _disk.AvailableFreeSpace - Reserve);

    /// <summary>Why nothing can be written and what to do, or null.</summary>
    public string? Problem => Volatile.Read(ref _refused) is var refused && (refused == 0 || Free() - Reserve >= refused)
        ? null
        : $"the disk of the state folder is full but for the reserve of {Reserve >> 20} MiB: new data is refused (no space left on device). " +
          "Uploads go on and give back what the bucket holds; otherwise free space there, or set limits.stagingReserve lower.";

    /// <summary>Asked for when the reserve is reached: gives back local copies of synced files.</summary>
    public Action? Reclaim { get; set; }

    /// <summary>Whether <paramref name="bytes"/> more may be written.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _credit, -bytes) >= 0 || TryRefill(bytes)) return true;
        if (bytes > _disk.TotalSize) return false; // nothing that could be given back makes room for it
        if (TryReclaim() && TryRefill(bytes)) return true;
        Volatile.Write(ref _refused, bytes);
        return false;
    }

    /// <summary>Whether there is room for one more name.</summary>
    public bool TryTakeName()
    {
        if (Interlocked.Add(ref _credit, -NameBytes) >= 0 || TryRefill(NameBytes)) return true;
        TryReclaim();
        return Free() > _floorOfNames;
    }

    private bool TryReclaim()
    {
        var last = Volatile.Read(ref _reclaimedAt);
        if (last != 0 && _time.GetElapsedTime(last) < ReclaimPause) return false;
        if (Interlocked.CompareExchange(ref _reclaimedAt, _time.GetTimestamp(), last) != last) return true; // somebody else has just begun
        Reclaim?.Invoke();
        Volatile.Write(ref _reclaimedAt, _time.GetTimestamp());
        return true;
    }

    private bool TryRefill(long bytes)
    {
        var free = Free() - Reserve;
        if (free < bytes)
        {
            Interlocked.Exchange(ref _credit, 0);
            return false;
        }

        Interlocked.Exchange(ref _credit, Math.Min(_askEvery, free - bytes));
        return true;
    }

    private long Free()
    {
        try
        {
            return _disk.AvailableFreeSpace;
        }
        catch (IOException)
        {
            return long.MaxValue; // a disk that does not even answer this refuses the write itself, with the right error
        }
    }
}
