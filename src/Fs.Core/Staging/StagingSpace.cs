namespace SyncAgent.Fs.Core;

/// <summary>
/// Back-pressure: writes are refused while the staging disk has no more than the reserve left, so that commits and uploads always
/// go on. The disk is asked again after every 16 MiB written, not at every write.
/// </summary>
internal sealed class StagingSpace(string folder, long reserve)
{
    private const long AskEvery = 16L << 20;

    private readonly DriveInfo _disk = new(folder);
    private long _credit;

    /// <summary>Asked for when the reserve is reached: gives back local copies of synced files.</summary>
    public Action? Reclaim { get; set; }

    /// <summary>Whether <paramref name="bytes"/> more may be written.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _credit, -bytes) >= 0) return true;
        if (Refill(bytes)) return true;
        if (bytes > _disk.TotalSize) return false; // nothing that could be given back makes room for it
        Reclaim?.Invoke();
        return Refill(bytes);
    }

    private bool Refill(long bytes)
    {
        var free = _disk.AvailableFreeSpace - reserve;
        if (free < bytes)
        {
            Interlocked.Exchange(ref _credit, 0);
            return false;
        }

        Interlocked.Exchange(ref _credit, Math.Min(AskEvery, free - bytes));
        return true;
    }
}
