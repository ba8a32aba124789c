using System.Globalization;
using System.Text.Json.Serialization;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Status;

/// <summary>Something that happened.</summary>
/// <param name="Time">When.</param>
/// <param name="Path">Absolute path in the drive, as it was then.</param>
/// <param name="Mount">The drive's mount point.</param>
/// <param name="What">"uploaded", "copied" (another name, on the server), "updated" (attributes only), "deleted", "failed", "conflict" or "cancelled".</param>
internal sealed record HistoryEntry(DateTimeOffset Time, string Path, string Mount, string What)
{
    /// <summary>Bytes.</summary>
    public long? Size { get; init; }

    /// <summary>The store's.</summary>
    [JsonPropertyName("etag")]
    public string? ETag { get; init; }

    /// <summary>Why, or what else there is to say.</summary>
    public string? Reason { get; init; }
}

/// <summary>What happened, newest first.</summary>
/// <param name="Entries">One page.</param>
/// <param name="Next">What to ask for as "before" to go on, or null when there is no more.</param>
internal sealed record HistoryAnswer(IReadOnlyList<HistoryEntry> Entries, string? Next);

/// <summary>Shows the history that the journal keeps, as paths in drives.</summary>
internal sealed class HistoryLister(AgentHost host)
{
    /// <summary>Most entries of a page.</summary>
    public const int MaxEntries = 1000;

    /// <summary>One page.</summary>
    /// <param name="search">A part of the object's key, or null.</param>
    /// <param name="before">Cursor of the page before, or null.</param>
    /// <param name="limit">Most entries.</param>
    /// <exception cref="CommandException">The cursor is none of this list's.</exception>
    public HistoryAnswer List(string? search, string? before, int limit)
    {
        long? from = null;
        if (before is not null)
        {
            if (!long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw new CommandException(ExitCodes.Usage, "before: not the cursor of a history.");
            from = id;
        }

        var drives = host.Reader.Drives().ToDictionary(drive => drive.Id);
        var rows = host.Reader.History(search, from, limit + 1);
        var shown = rows.Take(limit).ToList();
        return new HistoryAnswer(
            [.. shown.Select(row => Describe(row, drives.GetValueOrDefault(row.Drive)))],
            rows.Count > limit ? shown[^1].Id.ToString(CultureInfo.InvariantCulture) : null);
    }

    private static HistoryEntry Describe(HistoryRow row, DriveRow? drive) => new(
        DateTimeOffset.FromUnixTimeMilliseconds(row.At), drive is null ? row.Key : NodeStates.PathOfKey(drive, row.Key), drive?.MountPoint ?? "",
        row.What.ToString().ToLowerInvariant())
    {
        Size = row.Size,
        ETag = row.ETag,
        Reason = row.Reason,
    };
}
