using System.Text.Json.Serialization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Fs.Core;
using SyncAgent.Store;

namespace SyncAgent.Agent.Status;

/// <summary>Where the agent of a state folder listens. Stands in <c>agent.json</c> (0600).</summary>
/// <param name="Port">Loopback port.</param>
/// <param name="Token">Secret of this run, hex.</param>
/// <param name="Pid">Process id.</param>
internal sealed record AgentAddress(int Port, string Token, int Pid);

/// <summary>The server's proof that it knows the token.</summary>
internal sealed record HelloAnswer(string Proof);

/// <summary>Asks a live agent to mount one more drive.</summary>
/// <param name="Drive">What and where.</param>
/// <param name="Engine">How.</param>
/// <param name="Credentials">Keys of the caller, or null: the agent's own.</param>
internal sealed record MountRequest(DriveSettings Drive, EngineSettings Engine, StoreCredentials? Credentials);

/// <summary>Drives of a state folder that have a mount point, mounted or not.</summary>
internal sealed record DrivesAnswer(IReadOnlyList<DriveTarget> Drives);

/// <summary>A drive and its bucket.</summary>
/// <param name="MountPoint">Where it is mounted.</param>
/// <param name="Target">Its bucket and the way to it, without secrets.</param>
internal sealed record DriveTarget(string MountPoint, TargetSettings Target);

/// <summary>Changes limits by hand; a direction that is null stays as it is.</summary>
internal sealed record LimitsRequest(LimitChange? Upload, LimitChange? Download);

/// <summary>A limit by hand.</summary>
/// <param name="BytesPerSecond">0 for none; null for what the configuration says.</param>
internal sealed record LimitChange(long? BytesPerSecond);

/// <summary>The drive is mounted.</summary>
/// <param name="MountPoint">Where.</param>
/// <param name="AlreadyMounted">Whether it was before.</param>
internal sealed record MountAnswer(string MountPoint, bool AlreadyMounted);

/// <summary>The drive is unmounted.</summary>
/// <param name="MountPoint">Where it was.</param>
/// <param name="StillInUse">Programs have files open in it: it has left the tree and is served until they close them.</param>
/// <param name="Pending">What stays pending.</param>
internal sealed record UnmountAnswer(string MountPoint, bool StillInUse, PendingSummary Pending)
{
    /// <summary>Most files that are named.</summary>
    public const int MaxNamed = 5;

    /// <summary>Whether the agent ends now, for this was its last drive.</summary>
    public bool AgentEnds { get; init; }

    /// <summary>How many files were still being written when the time was up: what had been written is kept, and not sent.</summary>
    public int InterruptedCount { get; init; }

    /// <summary>The first of them, as absolute paths.</summary>
    public IReadOnlyList<string> Interrupted { get; init; } = [];
}

/// <summary>What a drive has still to do.</summary>
/// <param name="Files">Files, links and folders whose change the bucket does not have.</param>
/// <param name="Bytes">Bytes of closed files among them.</param>
/// <param name="Deletes">Keys still to be deleted.</param>
/// <param name="Attention">Files that need the user.</param>
internal sealed record PendingSummary(long Files, long Bytes, long Deletes, long Attention)
{
    /// <summary>Whether nothing is left.</summary>
    [JsonIgnore]
    public bool IsEmpty => Files == 0 && Deletes == 0 && Attention == 0;
}

/// <summary>How a wait stands.</summary>
internal enum WaitOutcome
{
    /// <summary>Something is under way, or may go on when the store is back.</summary>
    Busy,

    /// <summary>Everything is synced.</summary>
    Synced,

    /// <summary>Nothing goes on by itself, and something needs the user.</summary>
    NeedsUser,

    /// <summary>No drive has this path, or the journal does not know a file there.</summary>
    UnknownPath,
}

/// <summary>The answer to a wait.</summary>
/// <param name="Outcome">How it stands.</param>
/// <param name="Files">What is waited for, or needs the user; bounded.</param>
/// <param name="Count">How many there are in all.</param>
internal sealed record WaitAnswer(WaitOutcome Outcome, IReadOnlyList<FileReport> Files, long Count);

/// <summary>Files in a state.</summary>
/// <param name="Files">One page.</param>
/// <param name="More">Whether there are more.</param>
internal sealed record FilesAnswer(IReadOnlyList<FileItem> Files, bool More)
{
    /// <summary>Where the next page begins, when there is more.</summary>
    public string? Next { get; init; }
}

/// <summary>How many files got another chance.</summary>
internal sealed record RetryAnswer(long Files);

/// <summary>An upload in the journal.</summary>
/// <param name="Key">Object key.</param>
/// <param name="UploadId">The store's id, or null when its reply was lost.</param>
internal sealed record OwnUpload(string Key, string? UploadId);

/// <summary>The uploads in the journal.</summary>
internal sealed record UploadsAnswer(IReadOnlyList<OwnUpload> Uploads);

/// <summary>What was held, or let go on.</summary>
/// <param name="MountPoints">The drives.</param>
internal sealed record PauseAnswer(IReadOnlyList<string> MountPoints)
{
    /// <summary>The files, when a path was named: absolute paths.</summary>
    public IReadOnlyList<string>? Paths { get; init; }
}

/// <summary>Lets one browser in.</summary>
/// <param name="Token">Good once, for <see cref="PageAccess.TokenLife"/>.</param>
/// <param name="Url">What the browser is to open.</param>
internal sealed record PageTokenAnswer(string Token, string Url);

/// <summary>The agent answers.</summary>
/// <param name="Status">"ok".</param>
internal sealed record HealthAnswer(string Status);

/// <summary>A queue of files has been worked off.</summary>
/// <param name="Files">How many arrived.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record DoneEvent(long Files, long Bytes);

/// <summary>Removed objects that are still to be deleted.</summary>
/// <param name="Drives">Per drive.</param>
internal sealed record DeletesAnswer(IReadOnlyList<DriveDeletes> Drives);

/// <summary>A drive's removed objects that are still to be deleted.</summary>
/// <param name="MountPoint">The drive.</param>
/// <param name="Held">Whether they wait for "confirm" or "restore".</param>
/// <param name="Count">How many there are.</param>
/// <param name="Paths">The first of them, as paths in the drive.</param>
internal sealed record DriveDeletes(string MountPoint, bool Held, long Count, IReadOnlyList<string> Paths);

/// <summary>What came of a word about removed objects.</summary>
/// <param name="MountPoints">The drives.</param>
/// <param name="Count">How many objects.</param>
internal sealed record DeletesDone(IReadOnlyList<string> MountPoints, long Count);

/// <summary>Folders that were listed again.</summary>
internal sealed record RefreshAnswer(long Folders);

/// <summary>A key that a drive cannot show.</summary>
/// <param name="MountPoint">The drive's.</param>
/// <param name="Key">With the drive's prefix; ends in "/" for a folder with all that is in it.</param>
/// <param name="Reason">Why.</param>
internal sealed record HiddenObject(string MountPoint, string Key, HiddenReason Reason);

/// <summary>The keys that drives cannot show, as far as they have been listed.</summary>
/// <param name="Keys">Some of them; bounded.</param>
/// <param name="Count">How many there are.</param>
internal sealed record HiddenAnswer(IReadOnlyList<HiddenObject> Keys, long Count);

/// <summary>A pinned path.</summary>
/// <param name="Path">Absolute.</param>
/// <param name="Files">Files at or below it.</param>
/// <param name="Bytes">Their sizes together.</param>
/// <param name="MissingBytes">Of that, what is not on this machine yet.</param>
/// <param name="Complete">Whether all of it was looked at and is here.</param>
/// <param name="Error">Why it does not get on, or null.</param>
internal sealed record PinStatus(string Path, long Files, long Bytes, long MissingBytes, bool Complete, string? Error);

/// <summary>What is pinned in the mounted drives.</summary>
internal sealed record PinsAnswer(IReadOnlyList<PinStatus> Pins);

/// <summary>Why a request failed.</summary>
/// <param name="Error">For people.</param>
/// <param name="ExitCode">What a command that made the request ends with.</param>
internal sealed record ErrorAnswer(string Error, int ExitCode)
{
    /// <summary>The field of the request's body that it is about, or null.</summary>
    public string? Field { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentAddress))]
[JsonSerializable(typeof(HelloAnswer))]
[JsonSerializable(typeof(MountRequest))]
[JsonSerializable(typeof(MountAnswer))]
[JsonSerializable(typeof(UnmountAnswer))]
[JsonSerializable(typeof(WaitAnswer))]
[JsonSerializable(typeof(FilesAnswer))]
[JsonSerializable(typeof(RetryAnswer))]
[JsonSerializable(typeof(UploadsAnswer))]
[JsonSerializable(typeof(PauseAnswer))]
[JsonSerializable(typeof(PageTokenAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
[JsonSerializable(typeof(DoneEvent))]
[JsonSerializable(typeof(FileReport))]
[JsonSerializable(typeof(DeletesAnswer))]
[JsonSerializable(typeof(DeletesDone))]
[JsonSerializable(typeof(RefreshAnswer))]
[JsonSerializable(typeof(HiddenAnswer))]
[JsonSerializable(typeof(HiddenObject))]
[JsonSerializable(typeof(PinStatus))]
[JsonSerializable(typeof(PinsAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(StatusSnapshot))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(DrivesAnswer))]
[JsonSerializable(typeof(TargetSettings))]
[JsonSerializable(typeof(LimitsRequest))]
[JsonSerializable(typeof(LimitsStatus))]
[JsonSerializable(typeof(BandwidthOverride))]
internal sealed partial class ControlJson : JsonSerializerContext;
