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

/// <summary>What findings are called, and what helps.</summary>
internal static class VerifyFindings
{
    /// <summary>Whether there is nothing to be done about it.</summary>
    public static bool IsFine(this VerifyFinding finding) => finding is VerifyFinding.Same or VerifyFinding.Busy;

    /// <summary>In a few words.</summary>
    public static string Name(this VerifyFinding finding) => finding switch
    {
        VerifyFinding.Same => "as confirmed",
        VerifyFinding.Missing => "missing",
        VerifyFinding.Changed => "changed by somebody",
        VerifyFinding.Damaged => "damaged",
        VerifyFinding.Unverifiable => "not verifiable",
        _ => "being changed now",
    };

    /// <summary>What the user can do, in whole sentences; empty where that is nothing.</summary>
    public static string Remedy(this VerifyFinding finding) => finding switch
    {
        VerifyFinding.Missing => "Missing objects were deleted by somebody else: ask who has access, restore them from a version or a backup, or copy the file in again.",
        VerifyFinding.Changed => "Changed objects were written by somebody else, which may be meant: open the file, or \"syncagent refresh\" its folder, to have the new one.",
        VerifyFinding.Damaged => "Damaged objects no longer hold what was written: keep any local copy, copy the file in again, and tell the store's support.",
        VerifyFinding.Unverifiable => "What is not verifiable can only be told by reading it: restore archived objects first, or give the keys the right to read.",
        _ => "",
    };
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
    public bool IsFine => Findings.Keys.All(finding => finding.IsFine());
}

/// <summary>How far a run is.</summary>
/// <param name="Total">Objects to compare; 0 until they have been counted.</param>
/// <param name="BytesRead">Bytes that were read back, those too of objects that broke off and were read again.</param>
/// <param name="TotalBytes">Bytes of all objects to compare.</param>
/// <param name="Counts">How many have been found of each kind; kinds without any are left out.</param>
internal sealed record VerifyProgress(long Total, long BytesRead, long TotalBytes, IReadOnlyDictionary<VerifyFinding, long> Counts)
{
    /// <summary>Objects that have been compared.</summary>
    public long Objects => Counts.Values.Sum();
}
