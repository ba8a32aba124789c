namespace SyncAgent.Journal;

/// <summary>Where a multipart upload stands. The values are stored.</summary>
public enum UploadPhase
{
    /// <summary>About to be initiated: no upload id known yet.</summary>
    Intent = 0,

    /// <summary>Initiated; parts go up.</summary>
    Active = 1,

    /// <summary>Complete was or is about to be sent.</summary>
    Completing = 2,

    /// <summary>To be aborted on the store.</summary>
    Aborting = 3,

    /// <summary>Initiate's reply was lost: an upload may exist whose id nobody learned. Never aborted by guess.</summary>
    PossiblyOurs = 4,

    /// <summary>No upload, but a request that makes an object under the key (put, copy, Complete): begun, its result not known. The
    /// object may be there although no node knows of it.</summary>
    Writing = 5,
}

/// <summary>A multipart upload: the checkpoint's head.</summary>
/// <param name="Id">Row id.</param>
/// <param name="Drive">Drive.</param>
/// <param name="Node">File.</param>
/// <param name="Generation">The sealed generation that it sends.</param>
/// <param name="Key">Key, fixed at Initiate.</param>
/// <param name="UploadId">The store's id, null in <see cref="UploadPhase.Intent"/> and <see cref="UploadPhase.PossiblyOurs"/>.</param>
/// <param name="PartSize">Bytes of every part but the last, fixed at Initiate.</param>
/// <param name="Size">Bytes in all.</param>
/// <param name="Phase">Where it stands.</param>
/// <param name="Created">Milliseconds since 1970 UTC.</param>
/// <param name="Intact">False when the row's checksum does not fit its fields: the checkpoint is damaged.</param>
public sealed record UploadRow(
    long Id, long Drive, long Node, long Generation, string Key, string? UploadId, long PartSize, long Size, UploadPhase Phase, long Created, bool Intact);

/// <summary>A finished part: one committed row each.</summary>
/// <param name="Upload">Row id of the upload.</param>
/// <param name="Number">1 to 10,000.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Crc">CRC-64/XZ of the local bytes that were sent.</param>
/// <param name="ETag">The store's answer.</param>
/// <param name="Intact">False when the row's checksum does not fit its fields.</param>
public sealed record PartRow(long Upload, int Number, long Offset, long Length, ulong Crc, string ETag, bool Intact);

/// <summary>Why a key is no longer wanted. The values are stored.</summary>
public enum DoomCause
{
    /// <summary>The user removed the file, or renamed another over it: the object may be the last copy of its content.</summary>
    Removed = 0,

    /// <summary>The content is confirmed under another key, or is an unfinished write's that nobody ever saw.</summary>
    Left = 1,
}

/// <summary>A key that no live node wants any more: to be deleted once nobody needs its content.</summary>
public sealed record DoomedKey
{
    /// <summary>Row id.</summary>
    public required long Id { get; init; }

    /// <summary>Drive.</summary>
    public required long Drive { get; init; }

    /// <summary>Key with the drive's prefix.</summary>
    public required string Key { get; init; }

    /// <summary>What the bucket held under it when it was given up: deleted only while that is still so.</summary>
    public required RemoteState Remote { get; init; }

    /// <summary>Journal sequence; acted on only once it is durable.</summary>
    public long Changed { get; init; }

    /// <summary>Not before this time, milliseconds since 1970 UTC.</summary>
    public long Due { get; init; }

    /// <summary>Failed attempts.</summary>
    public int Attempts { get; init; }

    /// <summary>What needs somebody's help.</summary>
    public Problem Problem { get; init; }

    /// <summary>The last error, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Why it is no longer wanted.</summary>
    public DoomCause Cause { get; init; }

    /// <summary>When it was given up, milliseconds since 1970 UTC; 0 in rows of older versions.</summary>
    public long Since { get; init; }

    /// <summary>Whether the user was asked and said yes.</summary>
    public bool Confirmed { get; init; }

    /// <summary>Where the object has been copied to before its deletion, or null.</summary>
    public string? TrashKey { get; init; }
}

/// <summary>Tombstones of removed files that nobody was asked about.</summary>
/// <param name="Count">How many.</param>
/// <param name="Oldest">When the first was given up, milliseconds since 1970 UTC.</param>
/// <param name="Newest">When the last was given up, milliseconds since 1970 UTC.</param>
public sealed record UnaskedDeletes(long Count, long Oldest, long Newest);

/// <summary>Proof that a content arrived.</summary>
/// <param name="Drive">Drive.</param>
/// <param name="Node">Node.</param>
/// <param name="Generation">Generation, or null for metadata, directories and links.</param>
/// <param name="Remote">What the store confirmed.</param>
/// <param name="At">Milliseconds since 1970 UTC.</param>
public sealed record Receipt(long Drive, long Node, long? Generation, RemoteState Remote, long At)
{
    /// <summary>How many receipts of one key are kept, the newest: the last one is the proof, the others its history.</summary>
    public const int KeptPerKey = 8;

    /// <summary>What else there is to say, e.g. that the upload callback failed, or null.</summary>
    public string? Note { get; init; }
}
