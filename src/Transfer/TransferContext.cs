using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>What every part of a drive's engine works with.</summary>
internal sealed record TransferContext(
    JournalStore Journal, JournalReader Reader, DriveRow Drive, IObjectStore Store, PartBudget Budget, TransferOptions Options, TransferLink Link,
    TransferPause Pause, TimeProvider Time, Backoff Backoff, ILogger Logger, string MachineId)
{
    /// <summary>Keys that are being changed now.</summary>
    public KeyTurns Keys { get; } = new();

    /// <summary>How objects are stored.</summary>
    public required StoredForm Form { get; init; }

    /// <summary>Whether bodies carry an MD5.</summary>
    public bool SendsMd5 => Options.SendsMd5To(Store.Capabilities);

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public long NowNanoseconds => (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>A node's key, or null when it is gone.</summary>
    public string? KeyOf(long node) => Reader.Path(node) is { } path ? Drive.Prefix + path : null;

    /// <summary>The node that wants a key, or null.</summary>
    public NodeRow? WantedBy(string key) =>
        key.StartsWith(Drive.Prefix, StringComparison.Ordinal) ? Reader.NodeAtKey(Drive.Root, key[Drive.Prefix.Length..]) : null;
}
