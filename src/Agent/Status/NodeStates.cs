using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Status;

/// <summary>A node's one state, with its path and the reason in words.</summary>
internal static class NodeStates
{
    /// <summary>The report of a node, or null when it is gone.</summary>
    public static FileReport? Report(AgentHost host, ILiveDrive drive, NodeRow node, bool uploading) =>
        Report(host, drive.Row, drive, node, uploading);

    /// <summary>The report of a node of a drive that need not be mounted, or null when the node is gone.</summary>
    public static FileReport? Report(AgentHost host, DriveRow row, ILiveDrive? drive, NodeRow node, bool uploading)
    {
        var path = host.Reader.ShownPath(node.Id);
        if (path is null) return null;
        var state = Of(host, drive, node, uploading);
        return new FileReport(Absolute(row, path), state, Reason(state) ?? node.Error);
    }

    /// <summary>The report of a key that could not be deleted.</summary>
    public static FileReport Report(DriveRow row, DoomedKey doomed) => new(
        PathOfKey(row, doomed.Key), doomed.Problem == Problem.Conflict ? FileState.Conflict : FileState.Failed,
        "The object was not deleted: " + (doomed.Error ?? "it is not what it was when it was given up."));

    /// <summary>A node's state.</summary>
    public static FileState Of(AgentHost host, ILiveDrive? drive, NodeRow node, bool uploading) => FileStates.Of(
        node, node.Open is { } open ? host.Reader.Generation(open)?.State : null, drive?.IsBeingWritten(node) ?? false, uploading,
        host.Journal.DurableSequence, drive?.IsPaused ?? false);

    /// <summary>All rows of a query that is asked page by page.</summary>
    public static IEnumerable<NodeRow> Page(Func<long, IReadOnlyList<NodeRow>> read, int pageSize)
    {
        long after = 0;
        while (true)
        {
            var page = read(after);
            foreach (var node in page) yield return node;
            if (page.Count < pageSize) yield break;
            after = page[^1].Id;
        }
    }

    /// <summary>Where a drive shows a key; the key itself where that is not below the drive's prefix.</summary>
    public static string PathOfKey(DriveRow row, string key) =>
        key.StartsWith(row.Prefix, StringComparison.Ordinal) ? Absolute(row, KeyNames.ToPath(key[row.Prefix.Length..])) : key;

    /// <summary>A path in the drive as an absolute one.</summary>
    public static string Absolute(DriveRow row, string path) => DrivePaths.Absolute(row.MountPoint, path);

    /// <summary>Whether a path in a drive, names joined with "/", is a folder's or below it; the empty folder is the whole drive.</summary>
    public static bool IsAtOrBelow(string? path, string folder) => path is not null
        && (folder.Length == 0 || (path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/')));

    /// <summary>What a state means for the user where no error says it, or null.</summary>
    public static string? Reason(FileState state) => state switch
    {
        FileState.Interrupted => "It was open for writing when the agent ended. Save it again, delete it, or see \"syncagent interrupted\".",
        FileState.Incomplete => "Bytes of it are missing: a write failed, or the power went before it was safe. What was closed before counts. Save it again, delete it, or see \"syncagent interrupted\".",
        _ => null,
    };
}
