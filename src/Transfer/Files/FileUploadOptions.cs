namespace SyncAgent.Transfer;

/// <summary>How <see cref="FileUploader"/> sends. Sizes in bytes.</summary>
public sealed record FileUploadOptions
{
    /// <summary>Folder of checkpoints, made when it is missing (only its owner may look into it); null keeps none, and an upload
    /// that stops is aborted.</summary>
    public string? CheckpointFolder { get; init; }

    /// <summary>Whether an upload that is cancelled keeps its parts and its checkpoint, to be gone on with; otherwise it is aborted.</summary>
    public bool KeepOnCancel { get; init; } = true;

    /// <summary>Part size, threshold, parts at once, checksum, back-off.</summary>
    public TransferOptions Transfer { get; init; } = new();

    /// <summary>How often a file that changes while it is sent is begun anew before it is given up; 1 to 100.</summary>
    public int MaxChanges { get; init; } = 5;

    /// <summary>How often a call that must not be repeated blindly (Initiate, Complete, a put that may not overwrite) is tried again
    /// after looking at the store; 1 to 100.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Every mistake in these options, one sentence each.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>(Transfer.Validate());
        if (MaxChanges is < 1 or > 100) errors.Add($"MaxChanges {MaxChanges}: expected 1 to 100.");
        if (Attempts is < 1 or > 100) errors.Add($"Attempts {Attempts}: expected 1 to 100.");
        return errors;
    }
}

/// <summary>A file that the store has.</summary>
/// <param name="Key">Object key.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">As the store gave it.</param>
/// <param name="Crc64">CRC-64/XZ of the file that was sent.</param>
/// <param name="Confirmed">Whether the store itself stated the same CRC-64; otherwise it has checked the MD5 of each put or part.</param>
/// <param name="VersionId">Version on a versioned bucket, else null.</param>
/// <param name="SentBytes">Bytes that travelled in this call; less than <paramref name="Size"/> when it was resumed.</param>
/// <param name="Callback">What came of the upload callback; null when none was asked for, and when the reply that would tell was lost.</param>
/// <param name="PossiblyOpen">True when the reply to an Initiate was lost: an upload of this key may be open that nobody knows the id
/// of. <c>syncagent uploads list</c> shows it; it is never aborted by guess.</param>
public sealed record FileReceipt(
    string Key, long Size, string ETag, ulong Crc64, bool Confirmed, string? VersionId, long SentBytes, Store.CallbackResult? Callback, bool PossiblyOpen);
