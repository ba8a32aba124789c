using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Which new files stay on this machine. Decided by path when a name is given (creation, rename), and only for what the bucket holds nothing
/// of: a file that was synced once stays synced under every name. Everything below an ignored folder is ignored.
/// </summary>
public sealed class IgnoreList
{
    private readonly (PathPattern Pattern, bool FoldersOnly)[] _patterns;

    /// <summary>Compiles the patterns.</summary>
    /// <param name="patterns">As <see cref="PathPattern"/> has them; with "/" at the end a pattern means folders only.</param>
    /// <exception cref="ArgumentException">One has a mistake.</exception>
    public IgnoreList(IEnumerable<string> patterns)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        _patterns = [.. patterns.Select(pattern => (new PathPattern(WithoutSlash(pattern)), pattern.EndsWith('/')))];
    }

    /// <summary>
    /// What systems and programs leave beside people's files and make anew by themselves: no file that a person made or asked for. In
    /// particular neither *.tmp nor *.part: those are the only copy of something more often than one thinks.
    /// </summary>
    public static IReadOnlyList<string> Defaults { get; } =
    [
        ".DS_Store", "._*", "Thumbs.db", "desktop.ini", "~$*", ".~lock.*#", ".*.sw?", ".fuse_hidden*",
        "System Volume Information/", "$RECYCLE.BIN/",
    ];

    /// <summary>What is wrong with a pattern, or null.</summary>
    public static string? FindMistake(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return PathPattern.FindMistake(WithoutSlash(pattern));
    }

    /// <summary>Whether a path below the drive, or a folder that it lies in, is named.</summary>
    /// <param name="path">Names joined with "/", a folder's with or without one at the end.</param>
    /// <param name="isFolder">What stands there.</param>
    public bool Matches(string path, bool isFolder)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_patterns.Length == 0) return false;
        path = WithoutSlash(path);
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (MatchesItself(path[..slash], isFolder: true)) return true;
        }

        return MatchesItself(path, isFolder);
    }

    private bool MatchesItself(string path, bool isFolder)
    {
        foreach (var (pattern, foldersOnly) in _patterns)
        {
            if ((isFolder || !foldersOnly) && pattern.Matches(path)) return true;
        }

        return false;
    }

    private static string WithoutSlash(string path) => path.EndsWith('/') ? path[..^1] : path;
}
