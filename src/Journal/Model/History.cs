namespace SyncAgent.Journal;

/// <summary>What happened to an object. The values are stored.</summary>
public enum HistoryKind
{
    /// <summary>Its content arrived.</summary>
    Uploaded = 0,

    /// <summary>It was given another name, by a copy on the server.</summary>
    Copied = 1,

    /// <summary>Its attributes were.</summary>
    Updated = 2,

    /// <summary>It was deleted, as the user wanted.</summary>
    Deleted = 3,

    /// <summary>It could not be sent or deleted.</summary>
    Failed = 4,

    /// <summary>The bucket held somebody else's newer object.</summary>
    Conflict = 5,

    /// <summary>The user ended its upload.</summary>
    Cancelled = 6,
}

/// <summary>One thing that happened, for people to look up. It proves nothing: that is what receipts are for.</summary>
/// <param name="Id">Grows with time; 0 for one that is not kept yet.</param>
/// <param name="Drive">Drive.</param>
/// <param name="At">When, milliseconds since 1970 UTC.</param>
/// <param name="What">What.</param>
/// <param name="Key">Object key with the drive's prefix, as it was then.</param>
/// <param name="Size">Bytes, or null.</param>
/// <param name="ETag">The store's, or null.</param>
/// <param name="Reason">Why, or what else there is to say, or null.</param>
public sealed record HistoryRow(long Id, long Drive, long At, HistoryKind What, string Key, long? Size, string? ETag, string? Reason)
{
    /// <summary>How many are kept, the newest: about three megabytes.</summary>
    public const int Kept = 20_000;
}
