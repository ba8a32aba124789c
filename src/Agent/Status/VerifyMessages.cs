using SyncAgent.Agent.Repair;

namespace SyncAgent.Agent.Status;

/// <summary>What a run of verify is doing.</summary>
internal enum VerifyState
{
    /// <summary>It compares.</summary>
    Running,

    /// <summary>Everything was compared.</summary>
    Done,

    /// <summary>Somebody ended it, or its drive was unmounted.</summary>
    Cancelled,

    /// <summary>The store is away or refuses, or the journal cannot be read: nothing is known of the rest.</summary>
    Failed,
}

/// <summary>The run of verify that a drive is at, or the last one since it was mounted.</summary>
/// <param name="Path">What is verified: the mount point, or a file or folder below it.</param>
/// <param name="Deep">Whether all bytes are read back.</param>
/// <param name="State">Whether it goes on, and how it ended.</param>
/// <param name="Started">When it began; tells one run from another.</param>
/// <param name="Ended">When it ended, or null.</param>
/// <param name="Progress">How far it is, or came.</param>
/// <param name="Differences">How many objects are not as they were confirmed.</param>
/// <param name="Error">Why it failed and what helps, or null.</param>
internal sealed record VerifyStatus(
    string Path, bool Deep, VerifyState State, DateTimeOffset Started, DateTimeOffset? Ended, VerifyProgress Progress, long Differences, string? Error);

/// <summary>An object that is not as it was confirmed.</summary>
/// <param name="Path">In the drive, absolute.</param>
/// <param name="Key">Object key, with the prefix.</param>
/// <param name="Finding">How it stands.</param>
/// <param name="Reason">What was expected and what was found.</param>
/// <param name="Remedy">What helps.</param>
internal sealed record VerifyReport(string Path, string Key, VerifyFinding Finding, string Reason, string Remedy);

/// <summary>A run of verify and a page of what it found.</summary>
/// <param name="MountPoint">The drive's.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Findings">In the order of the keys; the first <see cref="DriveVerification.MaxFindings"/> of a run are kept.</param>
/// <param name="Next">Where the next page begins, or null when this one ends with what has been found so far.</param>
internal sealed record VerifyResult(string MountPoint, VerifyStatus Status, IReadOnlyList<VerifyReport> Findings, int? Next);

/// <summary>Runs of verify.</summary>
/// <param name="Runs">Of each drive that has one, its newest.</param>
internal sealed record VerifyAnswer(IReadOnlyList<VerifyResult> Runs);
