namespace SyncAgent.Agent.Status;

/// <summary>Words for a drive, or all drives, at a glance. The first that fits holds, in this order.</summary>
internal static class SyncStates
{
    /// <summary>Something does not go on before the user acts.</summary>
    public const string Attention = "attention";

    /// <summary>Something waits for a store that does not answer or refuses.</summary>
    public const string Offline = "offline";

    /// <summary>The user holds it.</summary>
    public const string Paused = "paused";

    /// <summary>Something goes on.</summary>
    public const string Syncing = "syncing";

    /// <summary>There is nothing to do.</summary>
    public const string Idle = "idle";

    /// <summary>One word for drives: the most urgent of their words. Those that sync count for more than some that are held.</summary>
    public static string Join(IReadOnlyCollection<string> drives) =>
        drives.Contains(Attention) ? Attention
        : drives.Contains(Offline) ? Offline
        : drives.Contains(Syncing) ? Syncing
        : drives.Contains(Paused) ? Paused
        : Idle;
}

/// <summary>Bytes per second over the last seconds.</summary>
/// <param name="Upload">Sent.</param>
/// <param name="Download">Received.</param>
internal sealed record SpeedStatus(long Upload, long Download)
{
    /// <summary>Nothing moves.</summary>
    public static SpeedStatus None { get; } = new(0, 0);
}

/// <summary>What is to be done.</summary>
/// <param name="Queued">Files that wait for their upload, also those that are not yet durable and those that the user holds.</param>
/// <param name="Uploading">Files being sent.</param>
/// <param name="Problems">What needs the user.</param>
/// <param name="PendingBytes">Bytes of closed files that wait or are being sent.</param>
internal sealed record TotalsStatus(long Queued, long Uploading, long Problems, long PendingBytes)
{
    /// <summary>Nothing.</summary>
    public static TotalsStatus None { get; } = new(0, 0, 0, 0);

    /// <summary>How many of <see cref="Queued"/> the user holds.</summary>
    public long Held { get; init; }

    /// <summary>Bytes of <see cref="PendingBytes"/> that are already sent, of files being sent.</summary>
    public long SentBytes { get; init; }
}

/// <summary>Bytes on the disk of the state folder.</summary>
/// <param name="StagedBytes">Local content, counted at full length: what waits for its upload, and copies of what was sent.</param>
/// <param name="CacheBytes">What was read from buckets and kept.</param>
/// <param name="CacheLimit">How much of that is kept; what is pinned comes on top.</param>
/// <param name="DiskFree">Free bytes of the disk, rounded down to <see cref="DiskStep"/>.</param>
/// <param name="DiskTotal">Size of the disk.</param>
internal sealed record StorageStatus(long StagedBytes, long CacheBytes, long CacheLimit, long DiskFree, long DiskTotal)
{
    /// <summary>Finer steps would change all the time, on account of others.</summary>
    public const long DiskStep = 16L << 20;

    /// <summary>What programs have read of the buckets' content, since the drives were mounted, that was in the cache: read before, pinned, or
    /// fetched ahead in time.</summary>
    public long CacheHitBytes { get; init; }

    /// <summary>The same that they had to wait for.</summary>
    public long CacheMissedBytes { get; init; }

    /// <summary>Bytes of the disk that drives leave free, or null when none is mounted.</summary>
    public long? Reserve { get; init; }
}

/// <summary>A file that arrived.</summary>
/// <param name="Path">Absolute path in the drive, as it was then.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Time">When.</param>
internal sealed record RecentFile(string Path, long Size, DateTimeOffset Time);
