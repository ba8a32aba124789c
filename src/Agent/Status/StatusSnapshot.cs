using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>Everything that is shown about an agent, at one moment: the same for command line, tray and page.</summary>
/// <param name="Agent">The process.</param>
/// <param name="Drives">Its drives, and drives of its state folder that are not mounted but have something pending.</param>
/// <param name="StagedBytes">Bytes of local content, counted at full length.</param>
/// <param name="DurableLag">Changes that do not survive a power cut yet.</param>
/// <param name="DiskProblem">What is wrong with the disk of the state folder and what to do, or null.</param>
internal sealed record StatusSnapshot(
    AgentStatus Agent, IReadOnlyList<DriveStatus> Drives, long StagedBytes, long DurableLag, string? DiskProblem)
{
    /// <summary>Version of this API. Within a version, fields and routes are added and none changes its meaning.</summary>
    public const int CurrentApiVersion = 1;

    /// <summary><see cref="CurrentApiVersion"/> of the agent that answers.</summary>
    public int ApiVersion { get; init; } = CurrentApiVersion;

    /// <summary>All drives in a word, one of <see cref="SyncStates"/>.</summary>
    public string State { get; init; } = SyncStates.Idle;

    /// <summary>What all drives send and receive now.</summary>
    public SpeedStatus Speed { get; init; } = SpeedStatus.None;

    /// <summary>What all drives have to do, added up.</summary>
    public TotalsStatus Totals { get; init; } = TotalsStatus.None;

    /// <summary>What the state folder takes of its disk; null where nobody measures.</summary>
    public StorageStatus? Storage { get; init; }

    /// <summary>Requests to the stores since the drives were mounted, by the call that made them; each attempt counts.</summary>
    public IReadOnlyDictionary<string, long> Requests { get; init; } = new Dictionary<string, long>();

    /// <summary>What the agent may send and receive.</summary>
    public LimitsStatus? Limits { get; init; }

    /// <summary>Why no drive may be changed now, with what helps; null while they may.</summary>
    public string? ReadOnlyReason { get; init; }

    /// <summary>What is being checked after an end that was not clean, or what came of it; null when there is nothing to say.</summary>
    public string? Recovery { get; init; }

    /// <summary>Why the state folder's disk is no good place for it, or null.</summary>
    public string? StateWarning { get; init; }
}

/// <summary>Bandwidth, in bytes per second; 0 for no limit.</summary>
/// <param name="Upload">What may be sent now.</param>
/// <param name="Download">What may be received now.</param>
/// <param name="UploadByHand">Whether the first was set by hand.</param>
/// <param name="DownloadByHand">Whether the second was set by hand.</param>
/// <param name="NextChange">When the timetable next changes them, or null.</param>
internal sealed record LimitsStatus(long Upload, long Download, bool UploadByHand, bool DownloadByHand, DateTimeOffset? NextChange);

/// <summary>The agent's process.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Started">When it started.</param>
/// <param name="State">State folder.</param>
internal sealed record AgentStatus(int Pid, string Version, DateTimeOffset Started, string State)
{
    /// <summary>Whether all mounted drives are held.</summary>
    public bool Paused { get; init; }
}

/// <summary>One drive.</summary>
/// <param name="MountPoint">Absolute path.</param>
/// <param name="Mounted">False: in the journal only.</param>
/// <param name="ReadOnly">Whether changes are refused: by the user's wish, or because the disk of the state folder takes none.</param>
/// <param name="Store">"oss".</param>
/// <param name="EndpointHost">Host of the endpoint, for people.</param>
/// <param name="Endpoint">Endpoint as given, or empty.</param>
/// <param name="Region">Region as given, or empty.</param>
/// <param name="Bucket">Bucket.</param>
/// <param name="Prefix">Prefix in it.</param>
/// <param name="Health">How the store is.</param>
/// <param name="Files">Files and links by state; states without any are left out.</param>
/// <param name="PendingFolders">Folders that the bucket has still to learn of.</param>
/// <param name="PendingBytes">Bytes of closed files that wait for their upload or are being sent.</param>
/// <param name="Active">What is being sent.</param>
/// <param name="Problems">What needs the user, at most <see cref="StatusBuilder.MaxProblems"/>.</param>
/// <param name="ProblemCount">How much needs the user in all.</param>
/// <param name="DeletesPending">Keys still to be deleted.</param>
/// <param name="Uploads">Multipart uploads in the journal.</param>
internal sealed record DriveStatus(
    string MountPoint, bool Mounted, bool ReadOnly, string Store, string EndpointHost, string Endpoint, string Region, string Bucket, string Prefix, StoreHealth Health,
    IReadOnlyDictionary<FileState, long> Files, long PendingFolders, long PendingBytes, IReadOnlyList<ActiveFile> Active,
    IReadOnlyList<FileReport> Problems, long ProblemCount, long DeletesPending, long Uploads)
{
    /// <summary>How many of <see cref="DeletesPending"/> wait for the user to confirm a mass deletion.</summary>
    public long DeletesHeld { get; init; }

    /// <summary>Keys that cannot be shown, as far as the drive has been listed.</summary>
    public long HiddenKeys { get; init; }

    /// <summary>The drive in a word, one of <see cref="SyncStates"/>.</summary>
    public string State { get; init; } = SyncStates.Idle;

    /// <summary>What it sends and receives now.</summary>
    public SpeedStatus Speed { get; init; } = SpeedStatus.None;

    /// <summary>What arrived last, newest first.</summary>
    public IReadOnlyList<RecentFile> Recent { get; init; } = [];

    /// <summary>The run of verify that it is at, or the last one since it was mounted; null before the first.</summary>
    public VerifyStatus? Verify { get; init; }
}

/// <summary>How the store is.</summary>
/// <param name="State">"ok", "offline", "refused", "paused", or "unknown" before the first call.</param>
/// <param name="Since">Since when, or null.</param>
/// <param name="Error">The last error with its remedy, or null.</param>
internal sealed record StoreHealth(string State, DateTimeOffset? Since, string? Error)
{
    /// <summary>Nobody has called the store yet.</summary>
    public static StoreHealth Unknown { get; } = new("unknown", null, null);
}

/// <summary>A file being sent.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Key">Object key.</param>
/// <param name="Sent">Bytes that the store has, or that are on their way.</param>
/// <param name="Total">Bytes in all.</param>
internal sealed record ActiveFile(long Node, string Key, long Sent, long Total)
{
    /// <summary>Absolute path in the drive; null when it has just been removed.</summary>
    public string? Path { get; init; }

    /// <summary>How fast it moves now.</summary>
    public long BytesPerSecond { get; init; }

    /// <summary>Seconds until it is there at this speed, or null while nothing moves.</summary>
    public double? EtaSeconds { get; init; }

    /// <summary>When this attempt began.</summary>
    public DateTimeOffset? Started { get; init; }
}

/// <summary>A file and why it is named.</summary>
/// <param name="Path">Absolute path in the drive.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">What is wrong and what helps, or null.</param>
internal sealed record FileReport(string Path, FileState State, string? Reason);

/// <summary>A file of a list.</summary>
/// <param name="Path">Absolute path in the drive.</param>
/// <param name="State">Its state.</param>
/// <param name="Reason">What is wrong and what helps, or null.</param>
/// <param name="Node">Its node, 0 for an object whose file is gone.</param>
internal sealed record FileItem(string Path, FileState State, string? Reason, long Node)
{
    /// <summary>Bytes; null for folders.</summary>
    public long? Size { get; init; }

    /// <summary>While it is sent: bytes that the store has, or that are on their way.</summary>
    public long? Sent { get; init; }

    /// <summary>While it is sent: bytes in all.</summary>
    public long? Total { get; init; }
}
