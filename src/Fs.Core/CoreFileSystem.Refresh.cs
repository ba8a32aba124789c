namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <summary>Lists a folder again now, whatever the age of its last listing; what changed in the bucket shows when this ends, kernel
    /// caches included.</summary>
    /// <param name="path">Names joined with "/" from the drive's top; empty for the top. A file stands for the folder that it is in.</param>
    /// <param name="recursive">Also the folders below that have been listed before.</param>
    /// <param name="cancellationToken">Ends the waiting; a listing under way goes on.</param>
    /// <returns>How many folders were listed.</returns>
    public async Task<FsResult<int>> RefreshAsync(string path, bool recursive, CancellationToken cancellationToken)
    {
        var top = Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var child = FindChild(top, name);
            if (child.Error?.Kind == FsErrorKind.NotFound)
            {
                if (await _lister.ListAgainAsync(top, cancellationToken) is { } error) return error;
                child = FindChild(top, name);
            }

            if (child.Error is { } missing) return missing;
            if (child.Value.Kind != NodeKind.Directory) break;
            top = child.Value.Id;
        }

        var count = 0;
        var left = new Stack<NodeId>([top]);
        while (left.TryPop(out var next))
        {
            if (await _lister.ListAgainAsync(next, cancellationToken) is { } error) return error;
            count++;
            if (!recursive) break;
            foreach (var below in ListedFoldersIn(next)) left.Push(below);
        }

        return count;
    }

    /// <summary>The keys that this drive cannot show.</summary>
    public HiddenReport ReadHidden() => _hidden.Read((directory, key) =>
    {
        lock (_tree.Lock) return _tree.FindNeedsLock(new NodeId(directory)) is { } found && _tree.KeyNeedsLock(found) == key;
    });

    private FsResult<NodeAttributes> FindChild(NodeId parent, string name)
    {
        lock (_tree.Lock)
        {
            var found = FindChildNeedsLock(parent, name);
            return found.Error is { } error ? error : found.Value.Attributes();
        }
    }

    private List<NodeId> ListedFoldersIn(NodeId directory)
    {
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(directory) is not { IsDirectory: true } found) return [];
            return [.. _tree.ChildrenNeedsLock(found).Values
                .Where(child => child is { IsDirectory: true, ListedAt: not null, Remote: not null })
                .Select(child => new NodeId(child.Id))];
        }
    }
}
