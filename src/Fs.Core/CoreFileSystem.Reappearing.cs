using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <summary>Objects that were hidden because they were to be deleted are the drive's again: the folders that they show in are
    /// listed anew, and what the kernel remembers of them is void.</summary>
    /// <param name="keys">Keys with the drive's prefix.</param>
    public void Reappear(IEnumerable<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var invalid = new HashSet<FsInvalidation>();
        lock (_tree.Lock)
        {
            var directories = new HashSet<Node>();
            foreach (var key in keys)
            {
                var (directory, name) = DeepestNeedsLock(KeyNames.ToPath(key[_drive.Prefix.Length..]));
                directories.Add(directory);
                invalid.Add(new FsInvalidation(new NodeId(directory.Id), null));
                if (name is not null) invalid.Add(new FsInvalidation(new NodeId(directory.Id), name));
            }

            foreach (var directory in directories)
            {
                directory.ListedAt = null;
                _cache.ForgetListing(directory.Id);
            }
        }

        foreach (var item in invalid) Invalidated?.Invoke(item);
    }

    /// <summary>The last directory on a path that exists, and the name in it that is missing.</summary>
    private (Node Directory, string? Name) DeepestNeedsLock(string path)
    {
        var at = _tree.Root;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!_tree.ChildrenNeedsLock(at).TryGetValue(name, out var child) || !child.IsDirectory) return (at, name);
            at = child;
        }

        return (at, null);
    }
}
