namespace SyncAgent.Journal;

/// <summary>Where a generation stands. The values are stored.</summary>
public enum GenerationState
{
    /// <summary>Being written; after a kill it is <em>interrupted</em>.</summary>
    Open = 0,

    /// <summary>Closed and not written since; after a kill it counts as sealed.</summary>
    Flushed = 1,

    /// <summary>Immutable.</summary>
    Sealed = 2,

    /// <summary>A write to it failed: kept, readable, never published until it is written again.</summary>
    Incomplete = 3,
}

/// <summary>What a generation's missing ranges are filled from. The values are stored.</summary>
public enum BaseKind
{
    /// <summary>Nothing: the staging file is the whole content.</summary>
    None = 0,

    /// <summary>Another, sealed generation in staging.</summary>
    Local = 1,

    /// <summary>The remote object at an ETag.</summary>
    Remote = 2,
}

/// <summary>What a file holds at one close: a staging file, and when it is an overlay the base below it.</summary>
public sealed record Generation
{
    /// <summary>Id, never reused.</summary>
    public required long Id { get; init; }

    /// <summary>The file.</summary>
    public required long Node { get; init; }

    /// <summary>Name of the staging file: opaque, never a path.</summary>
    public required string Staging { get; init; }

    /// <summary>Where it stands.</summary>
    public required GenerationState State { get; init; }

    /// <summary>What lies below.</summary>
    public BaseKind Base { get; init; }

    /// <summary>The base's generation id when <see cref="BaseKind.Local"/>.</summary>
    public long? BaseGeneration { get; init; }

    /// <summary>The base's key when <see cref="BaseKind.Remote"/>.</summary>
    public string? BaseKey { get; init; }

    /// <summary>The base's ETag when <see cref="BaseKind.Remote"/>, also after it was fetched whole: the extent log tells the changes since.</summary>
    public string? BaseETag { get; init; }

    /// <summary>Length of the base in bytes; without a base, of what the extent log tells the changes since.</summary>
    public long BaseSize { get; init; }

    /// <summary>The earlier generation since which this one's extent log tells the changes, or null. Of a generation that has a base only
    /// while the two are being folded: otherwise its log speaks of the base.</summary>
    public long? Since { get; init; }

    /// <summary>Length in bytes at the last close.</summary>
    public long Size { get; init; }

    /// <summary>CRC-64/XZ of the content, or null when it was not written in order and has not been computed yet.</summary>
    public ulong? Crc { get; init; }

    /// <summary>Journal sequence of the last close or of the seal, 0 before.</summary>
    public long SealedSequence { get; init; }

    /// <summary>True while the overlay is being folded into its base's file: a restart must do it again.</summary>
    public bool Folding { get; init; }
}
