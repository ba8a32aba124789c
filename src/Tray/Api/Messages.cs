using System.Text.Json.Serialization;

namespace SyncAgent.Tray.Api;

/// <summary>How an agent or a drive is, in one word. The agent decides; the tray only shows it.</summary>
internal enum AgentState
{
    /// <summary>Everything is in the bucket.</summary>
    Idle,

    /// <summary>Something is on its way.</summary>
    Syncing,

    /// <summary>The user holds it.</summary>
    Paused,

    /// <summary>Something needs the user.</summary>
    Attention,

    /// <summary>The store is away and work is pending; or, in the tray, no agent answers.</summary>
    Offline,
}

/// <summary>Where the agent of a state folder listens: <c>agent.json</c>.</summary>
/// <param name="Port">Loopback port.</param>
/// <param name="Token">Secret of this run, hex.</param>
internal sealed record AgentAddress(int Port, string Token);

/// <summary>The server's proof that it knows the token.</summary>
internal sealed record HelloAnswer(string Proof);

/// <summary>An address of the status page that lets in once.</summary>
internal sealed record PageTokenAnswer(string Url);

/// <summary>Why a request failed, for people.</summary>
internal sealed record ErrorAnswer(string Error);

/// <summary>What the tray reads of the agent's picture (<c>GET /v1/status</c>).</summary>
internal sealed record StatusSnapshot
{
    /// <summary>Of the agent as a whole.</summary>
    public required AgentState State { get; init; }

    /// <summary>The process.</summary>
    public required AgentInfo Agent { get; init; }

    /// <summary>Its drives.</summary>
    public required IReadOnlyList<DriveStatus> Drives { get; init; }

    /// <summary>Sums over all drives.</summary>
    public required Totals Totals { get; init; }

    /// <summary>Over the last seconds.</summary>
    public required Speed Speed { get; init; }

    /// <summary>Files that the bucket does not have yet, those that the user holds counted in.</summary>
    [JsonIgnore]
    public long Pending => Drives.Sum(drive => drive.Pending);

    /// <summary>Why no drive may be changed now, or null.</summary>
    public string? ReadOnlyReason { get; init; }

    /// <summary>What is wrong with the disk of the state folder, or null.</summary>
    public string? DiskProblem { get; init; }
}

/// <summary>The agent's process.</summary>
/// <param name="Version">Version of the program.</param>
/// <param name="Paused">Whether all drives are held.</param>
internal sealed record AgentInfo(string Version, bool Paused);

/// <summary>What is to be done.</summary>
/// <param name="Queued">Files that wait; none that the user holds.</param>
/// <param name="Uploading">Files being sent.</param>
/// <param name="Problems">What needs the user.</param>
/// <param name="PendingBytes">Bytes of all files that the bucket does not have yet.</param>
internal sealed record Totals(long Queued, long Uploading, long Problems, long PendingBytes);

/// <summary>Bytes per second.</summary>
internal sealed record Speed(long Upload, long Download);

/// <summary>One drive.</summary>
internal sealed record DriveStatus
{
    private static readonly string[] PendingStates = ["closing", "queued", "uploading", "paused"];

    /// <summary>Absolute path.</summary>
    public required string MountPoint { get; init; }

    /// <summary>Whether it can be opened.</summary>
    public required bool Mounted { get; init; }

    /// <summary>How it is.</summary>
    public required AgentState State { get; init; }

    /// <summary>Files and links by state ("queued", "uploading", ...).</summary>
    public IReadOnlyDictionary<string, long> Files { get; init; } = new Dictionary<string, long>();

    /// <summary>Files that the bucket does not have yet, those that the user holds counted in.</summary>
    [JsonIgnore]
    public long Pending => PendingStates.Sum(state => Files.GetValueOrDefault(state));

    /// <summary>How the store is.</summary>
    public required StoreHealth Health { get; init; }

    /// <summary>Whether the user holds it as a whole; <see cref="State"/> may have something graver to say.</summary>
    [JsonIgnore]
    public bool IsHeld => Health.State == "paused";

    /// <summary>What is being sent.</summary>
    public IReadOnlyList<ActiveFile> Active { get; init; } = [];

    /// <summary>What needs the user; the first of them.</summary>
    public IReadOnlyList<ProblemInfo> Problems { get; init; } = [];

    /// <summary>How much needs the user in all.</summary>
    public long ProblemCount { get; init; }

    /// <summary>Removed objects that wait for the user to confirm a mass deletion.</summary>
    public long DeletesHeld { get; init; }

    /// <summary>What arrived last, newest first.</summary>
    public IReadOnlyList<RecentFile> Recent { get; init; } = [];
}

/// <summary>How the store is.</summary>
/// <param name="State">"ok", "offline", "refused", "paused", or "unknown".</param>
/// <param name="Error">The last error with its remedy, or null.</param>
internal sealed record StoreHealth(string State, string? Error);

/// <summary>A file being sent.</summary>
/// <param name="Path">Absolute path in the drive; null when it has just been removed.</param>
/// <param name="Sent">Bytes that the store has, or that are on their way.</param>
/// <param name="Total">Bytes in all.</param>
internal sealed record ActiveFile(string? Path, long Sent, long Total);

/// <summary>A file that has arrived.</summary>
/// <param name="Path">Absolute path in the drive.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Time">When.</param>
internal sealed record RecentFile(string Path, long Size, DateTimeOffset Time);

/// <summary>A file that needs the user; also the event that tells of a new one.</summary>
/// <param name="Path">Absolute path in the drive.</param>
/// <param name="State">"failed", "conflict", "interrupted" or "incomplete".</param>
/// <param name="Reason">What is wrong, or null.</param>
/// <param name="Remedy">What helps, where the reason does not say it, or null.</param>
internal sealed record ProblemInfo(string Path, string State, string? Reason, string? Remedy)
{
    /// <summary>Whether it is in a state, however that is written.</summary>
    public bool Is(string state) => string.Equals(State, state, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A queue has drained.</summary>
/// <param name="Files">Files that arrived.</param>
/// <param name="Bytes">Their bytes.</param>
internal sealed record DoneInfo(long Files, long Bytes);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AgentAddress))]
[JsonSerializable(typeof(HelloAnswer))]
[JsonSerializable(typeof(PageTokenAnswer))]
[JsonSerializable(typeof(ErrorAnswer))]
[JsonSerializable(typeof(StatusSnapshot))]
[JsonSerializable(typeof(ProblemInfo))]
[JsonSerializable(typeof(DoneInfo))]
internal sealed partial class ApiJson : JsonSerializerContext;
