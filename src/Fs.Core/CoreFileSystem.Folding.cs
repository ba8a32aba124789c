namespace SyncAgent.Fs.Core;

/// <summary>Names as systems see them that ignore case.</summary>
public sealed partial class CoreFileSystem
{
    /// <inheritdoc/>
    public ValueTask<FsResult<DirectoryEntry[]>> LookupFoldedAsync(OpContext context, NodeId parent, string name)
    {
        var (result, unlisted) = TryLookupFolded(parent, name);
        return unlisted is null ? new(result) : new(ListThenLookupFoldedAsync(context, unlisted, parent, name));
    }

    private async Task<FsResult<DirectoryEntry[]>> ListThenLookupFoldedAsync(OpContext context, Node directory, NodeId parent, string name) =>
        await _lister.ListAsync(directory, context.Cancellation) is { } error ? error : TryLookupFolded(parent, name).Result;

    // As with exact names what is known is answered also while the store is away: a name that a listing adds before it is news from outside.
    private (FsResult<DirectoryEntry[]> Result, Node? Unlisted) TryLookupFolded(NodeId parent, string name)
    {
        if (Names.Check(name) is { } bad) return (bad, null);
        lock (_tree.Lock)
        {
            var directory = _tree.FindNeedsLock(parent);
            if (directory is null) return (FsError.NotFound, null);
            if (!directory.IsDirectory) return (FsError.NotDirectory, null);
            var found = _tree.FoldedNeedsLock(directory).Find(name);
            var entries = new DirectoryEntry[found.Length];
            for (var i = 0; i < found.Length; i++) entries[i] = new DirectoryEntry(found[i].Name, new NodeId(found[i].Id), (NodeKind)found[i].Type);
            return (entries, found.Length > 0 || Tree.IsComplete(directory) ? null : directory);
        }
    }
}
