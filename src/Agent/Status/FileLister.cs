using System.Globalization;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>Which files a list is to name.</summary>
/// <param name="States">Only these; null for all that are not at rest.</param>
/// <param name="MountPoint">Only of this drive, or null.</param>
/// <param name="Search">A part of the path, upper and lower case being the same, or null.</param>
/// <param name="After">Cursor of the page before, or null.</param>
/// <param name="Limit">Most files, 1 to <see cref="FileLister.MaxFiles"/>.</param>
internal sealed record FilesQuery(IReadOnlySet<FileState>? States, string? MountPoint, string? Search, string? After, int Limit);

/// <summary>Lists files that are not at rest, page by page in the order of their nodes. One page looks at a bounded number of rows, so that a
/// list of very many files costs as much as a short one.</summary>
internal sealed class FileLister(AgentHost host)
{
    /// <summary>Most files of a page.</summary>
    public const int MaxFiles = 1000;

    /// <summary>Rows that one page looks at, when it leaves out most of them.</summary>
    private const int MaxRows = 20_000;

    private const int PageSize = 500;

    /// <summary>One page.</summary>
    /// <exception cref="CommandException">The cursor is none of this list's.</exception>
    public FilesAnswer List(FilesQuery query)
    {
        var (drive, node) = Parse(query.After);
        var found = new List<FileItem>();
        var left = MaxRows;
        foreach (var live in host.Drives.Where(live => live.Row.Id >= drive && (query.MountPoint is null || live.Row.MountPoint == query.MountPoint)).OrderBy(live => live.Row.Id))
        {
            var after = live.Row.Id == drive ? node : 0;
            var sending = live.Active.ToDictionary(file => file.Node);
            var folders = new Dictionary<long, string?>();
            foreach (var row in NodeStates.Page(last => Read(query, live.Row.Id, Math.Max(after, last)), PageSize))
            {
                if (found.Count == query.Limit || left-- == 0) return new FilesAnswer(found, More: true) { Next = Format(live.Row.Id, after) };
                after = row.Id;
                if (Describe(live, row, sending.GetValueOrDefault(row.Id), folders, query) is { } item) found.Add(item);
            }
        }

        return new FilesAnswer(found, More: false);
    }

    private IReadOnlyList<NodeRow> Read(FilesQuery query, long drive, long after) =>
        query.States is { } states && states.All(state => state is FileState.Open or FileState.Interrupted or FileState.Incomplete or FileState.Conflict or FileState.Failed)
            ? host.Reader.OpenOrTroubledNodes(drive, after, PageSize)
            : host.Reader.UnsettledNodes(drive, after, PageSize);

    private FileItem? Describe(ILiveDrive drive, NodeRow row, ActiveFile? active, Dictionary<long, string?> folders, FilesQuery query)
    {
        var state = NodeStates.Of(host, drive, row, active is not null);
        if (query.States is { } states && !states.Contains(state)) return null;

        // Files of a folder come together: its path is asked for once.
        if (row.Parent == 0) return null;
        if (!folders.TryGetValue(row.Parent, out var folder)) folders[row.Parent] = folder = host.Reader.ShownPath(row.Parent);
        if (folder is null) return null; // it is just being removed
        var path = NodeStates.Absolute(drive.Row, folder.Length == 0 ? row.Name : $"{folder}/{row.Name}");
        if (query.Search is { } search && !path.Contains(search, StringComparison.OrdinalIgnoreCase)) return null;
        return new FileItem(path, state, NodeStates.Reason(state) ?? row.Error, row.Id)
        {
            Size = row.Type == NodeType.Directory ? null : row.Size,
            Sent = active?.Sent,
            Total = active?.Total,
        };
    }

    private static string Format(long drive, long node) => string.Create(CultureInfo.InvariantCulture, $"{drive}.{node}");

    private static (long Drive, long Node) Parse(string? cursor)
    {
        if (cursor is null) return (0, 0);
        return cursor.Split('.') is [var drive, var node]
            && long.TryParse(drive, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && long.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            ? (first, second)
            : throw new CommandException(ExitCodes.Usage, "after: not the cursor of a list of files.");
    }
}
