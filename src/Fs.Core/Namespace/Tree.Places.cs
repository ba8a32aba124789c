using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

internal sealed partial class Tree
{
    /// <summary>
    /// Whether a node may get a name in a directory, beyond its being free there. A key has one node: the name of a file beside a folder
    /// (see <see cref="KeyNames"/>) is to be had only where that folder is, and no file gets a name whose key a file has under the
    /// other one.
    /// </summary>
    /// <param name="directory">Where.</param>
    /// <param name="name">Which; it has passed <see cref="Names.Check"/>.</param>
    /// <param name="isDirectory">Whether the node is a directory.</param>
    /// <param name="leaving">Nodes that give up their names in the same step.</param>
    public FsError? CheckPlaceNeedsLock(Node directory, string name, bool isDirectory, params ReadOnlySpan<Node> leaving)
    {
        var children = ChildrenNeedsLock(directory);
        if (KeyNames.IsBesideFolder(name))
        {
            if (isDirectory) return FsError.InvalidName;
            return Remaining(children, name[..^1], leaving) is { IsDirectory: true } ? null : FsError.InvalidName;
        }

        if (directory.IsRoot && name == Names.OwnFolder) return Names.Reserved;
        if (isDirectory) return null;
        if (KeyNames.ToSegment(name).Length == 0) return FsError.InvalidName; // its key would be the directory's
        return Remaining(children, name + KeyNames.Quote, leaving) is null ? null : FsError.Exists;
    }

    private static Node? Remaining(Dictionary<string, Node> children, string name, ReadOnlySpan<Node> leaving) =>
        children.TryGetValue(name, out var found) && !leaving.Contains(found) ? found : null;
}
