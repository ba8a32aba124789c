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

    /// <summary>When something changed now is due, milliseconds since 1970.</summary>
    public long Due() => FsTime.NowMilliseconds(Time) + (long)Options.Debounce.TotalMilliseconds;
}
