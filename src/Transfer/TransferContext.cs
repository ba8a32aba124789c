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

    /// <summary>Where removed objects are copied to, with the drive's prefix; null when they are deleted at once.</summary>
    public string? TrashPrefix => Options.Trash.Length == 0 ? null : Drive.Prefix + Options.Trash;

    /// <summary>Whether bodies carry an MD5.</summary>
    public bool SendsMd5 => Options.SendsMd5To(Store.Capabilities);

    /// <summary>Milliseconds since 1970 UTC.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    public long NowNanoseconds => (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    /// <summary>A node's key, or null when it is gone.</summary>
    public string? KeyOf(long node) => Reader.Path(node) is { } path ? Drive.Prefix + path : null;

    /// <summary>Whether the object that a tombstone speaks of is still to be copied to the trash. Folders are names only, and what is in
    /// the trash already goes for good.</summary>
    public bool GoesToTrash(DoomedKey doomed) => TrashPrefix is { } trash && doomed is { Cause: DoomCause.Removed, TrashKey: null }
        && !doomed.Key.EndsWith('/') && !doomed.Key.StartsWith(trash, StringComparison.Ordinal);

    /// <summary>The node that wants a key, or null.</summary>
    public NodeRow? WantedBy(string key) =>
        key.StartsWith(Drive.Prefix, StringComparison.Ordinal) ? Reader.NodeAtKey(Drive.Root, key[Drive.Prefix.Length..]) : null;
}
