namespace SyncAgent.Fs.Core;

/// <summary>The paths that are kept on the local disk, each with all below it. Immutable.</summary>
/// <param name="paths">Names joined with "/" from the drive's top; empty for all of the drive.</param>
internal sealed class PinSet(IEnumerable<string> paths)
{
    private readonly HashSet<string> _paths = new(paths, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Paths => _paths;

    /// <summary>Whether a path, or a folder that it lies in, is pinned.</summary>
    public bool Covers(string path)
    {
        if (_paths.Count == 0) return false;
        if (_paths.Contains("")) return true;
        path = path.TrimEnd('/');
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (_paths.Contains(path[..slash])) return true;
        }

        return _paths.Contains(path);
    }
}
