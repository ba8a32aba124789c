namespace SyncAgent.Agent.Repair;

/// <summary>How an object stands beside its receipt.</summary>
internal enum VerifyFinding
{
    /// <summary>As it was confirmed.</summary>
    Same,

    /// <summary>Nothing stands under the key.</summary>
    Missing,

    /// <summary>Another object: somebody has written it since.</summary>
    Changed,

    /// <summary>The same object by its ETag, with other bytes.</summary>
    Damaged,

    /// <summary>It cannot be told.</summary>
    Unverifiable,

    /// <summary>The drive is at it right now: the next run tells.</summary>
    Busy,
}

/// <summary>An object that is not as its receipt says.</summary>
/// <param name="Path">In the drive, absolute.</param>
/// <param name="Key">Object key, with the prefix.</param>
/// <param name="Finding">How it stands.</param>
/// <param name="Reason">What was expected and what was found.</param>
internal sealed record VerifiedObject(string Path, string Key, VerifyFinding Finding, string Reason);

/// <summary>What came of comparing a drive's receipts with its bucket.</summary>
/// <param name="MountPoint">The drive's.</param>
/// <param name="Objects">Objects that were compared.</param>
/// <param name="Bytes">Bytes that were read back.</param>
/// <param name="Findings">How many of each kind; kinds without any are left out.</param>
internal sealed record VerifySummary(string MountPoint, long Objects, long Bytes, IReadOnlyDictionary<VerifyFinding, long> Findings)
{
    /// <summary>Whether every object was found as it was confirmed, or is being changed here.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsFine => Findings.All(pair => pair.Key is VerifyFinding.Same or VerifyFinding.Busy);
}
