using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>What every open file of a drive works with.</summary>
internal sealed record FileServices(
    JournalStore Journal, JournalReader Reader, GroupCommitter Groups, RemoteContents Remotes, VersionRenewal Versions, StagingSpace Space, DriveRow Drive,
    CoreOptions Options, TimeProvider Time, ILogger Logger, Func<Node, string?> PathOf)
{
    /// <summary>Files that cannot be read for now.</summary>
    public ReadTroubles Troubles { get; } = new(Logger);

    /// <summary>Staging files that cannot be marked.</summary>
    public RareWarning MarkWarning { get; } = new(Time);

    /// <summary>Why nothing can be kept safe now, or null.</summary>
    public FsError? Refusal() => Journal.Writes.Reason is { } reason ? new FsError(FsErrorKind.ReadOnly, reason) : null;

    /// <summary>The error of a change that the local disk refused; takes note of a disk that fails.</summary>
    public FsError Refused(IOException e)
    {
        Journal.Disk.Report(e);
        return FsErrors.From(e);
    }

    /// <summary>When something changed now is due, milliseconds since 1970.</summary>
    public long Due() => FsTime.NowMilliseconds(Time) + (long)Options.Debounce.TotalMilliseconds;
}
