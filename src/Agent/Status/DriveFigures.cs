using SyncAgent.Agent.Composition;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>What the journal alone says of a drive: no word of this process, of who writes and what is being sent.</summary>
/// <param name="Files">Files and links that are not at rest, by state.</param>
/// <param name="PendingFolders">Folders that the bucket has still to learn of.</param>
/// <param name="PendingBytes">Bytes of closed files that wait.</param>
/// <param name="Attention">Nodes of all kinds that need the user, open ones counted as interrupted.</param>
/// <param name="Counts">Counts of the drive.</param>
/// <param name="Open">Files that are open, or were when an agent died.</param>
/// <param name="Troubled">The first files with a problem.</param>
/// <param name="Deletes">The first keys that could not be deleted.</param>
/// <param name="Recent">What arrived last.</param>
internal sealed record DriveFigures(
    IReadOnlyDictionary<FileState, long> Files, long PendingFolders, long PendingBytes, long Attention, JournalCounts Counts,
    IReadOnlyList<NodeRow> Open, IReadOnlyList<NodeRow> Troubled, IReadOnlyList<FileReport> Deletes, IReadOnlyList<RecentFile> Recent)
{
    /// <summary>Most files that <see cref="Recent"/> names.</summary>
    public const int MaxRecent = 10;

    private const int PageSize = 500;

    /// <summary>Files and links of a drive that are at rest, by state.</summary>
    public static IReadOnlyDictionary<FileState, long> ReadSettled(AgentHost host, DriveRow row) => host.Reader.SettledTallies(row.Id)
        .Where(tally => !tally.Directory).GroupBy(tally => tally.State).ToDictionary(state => state.Key, state => state.Sum(tally => tally.Count));

    /// <summary>Reads them, all at one moment.</summary>
    public static DriveFigures Read(AgentHost host, DriveRow row) => host.Reader.AtOneMoment(() => ReadNow(host, row));

    private static DriveFigures ReadNow(AgentHost host, DriveRow row)
    {
        var files = new Dictionary<FileState, long>();
        long folders = 0, bytes = 0, attention = 0;
        foreach (var tally in host.Reader.UnsettledTallies(row.Id, host.Journal.DurableSequence))
        {
            if (Pending.IsAttention(tally.State)) attention += tally.Count;
            if (tally.Pending && tally.Directory) folders += tally.Count;
            if (tally.Pending && !tally.Directory) bytes += tally.Bytes;
            if (!tally.Directory) files[tally.State] = files.GetValueOrDefault(tally.State) + tally.Count;
        }

        var open = new List<NodeRow>();
        var troubled = new List<NodeRow>();
        foreach (var node in NodeStates.Page(after => host.Reader.OpenOrTroubledNodes(row.Id, after, PageSize), PageSize))
        {
            if (node.Problem == Problem.None) open.Add(node);
            else if (troubled.Count < StatusBuilder.MaxProblems) troubled.Add(node);
        }

        return new DriveFigures(
            files, folders, bytes, attention, host.Reader.Counts(row.Id), open, troubled,
            [.. host.Reader.TroubledDeletes(row.Id, StatusBuilder.MaxProblems).Select(doomed => NodeStates.Report(row, doomed))],
            [.. host.Reader.RecentUploads(row.Id, MaxRecent).Select(happened => new RecentFile(
                NodeStates.PathOfKey(row, happened.Key), happened.Size ?? 0, DateTimeOffset.FromUnixTimeMilliseconds(happened.At)))]);
    }
}
