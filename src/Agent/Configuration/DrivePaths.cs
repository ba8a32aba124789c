namespace SyncAgent.Agent.Configuration;

/// <summary>Paths in drives: as the system writes them, and as a drive itself does, names joined with "/" below its mount point. A drive letter is
/// "S:\" here, as the system's own functions take it.</summary>
internal static class DrivePaths
{
    /// <summary>A mount point as an absolute path without a separator at the end, or as a drive letter.</summary>
    public static string Normalise(string mountPoint)
    {
        if (!OperatingSystem.IsWindows()) return Path.TrimEndingDirectorySeparator(Path.GetFullPath(mountPoint));
        if (mountPoint == NextLetter) return NextFreeLetter();
        // "S:" alone would be the folder in which this process is on that drive.
        return IsLetter(mountPoint) ? $"{char.ToUpperInvariant(mountPoint[0])}:\\" : Path.TrimEndingDirectorySeparator(Path.GetFullPath(mountPoint));
    }

    /// <summary>Windows: stands for a letter that is free, the last one first.</summary>
    public const string NextLetter = "*";

    /// <summary>Whether a mount point is a drive letter and not a folder.</summary>
    public static bool IsLetter(string mountPoint) =>
        OperatingSystem.IsWindows() && mountPoint is [_, ':'] or [_, ':', '\\' or '/'] && char.IsAsciiLetter(mountPoint[0]);

    /// <summary>Whether a path is a folder or below it.</summary>
    public static bool IsWithin(string path, string folder)
    {
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return path.Equals(folder, comparison) || (path.StartsWith(folder, comparison) && (folder[^1] == Path.DirectorySeparatorChar || path[folder.Length] == Path.DirectorySeparatorChar));
    }

    /// <summary>What of a path is below a mount point that it <see cref="IsWithin"/>: names joined with "/"; empty for the drive itself.</summary>
    public static string Below(string mountPoint, string path) => path[mountPoint.Length..].Replace(Path.DirectorySeparatorChar, '/').Trim('/');

    /// <summary>The system's path of names joined with "/" below a mount point.</summary>
    public static string Absolute(string mountPoint, string below) =>
        below.Length == 0 ? mountPoint : Path.Join(mountPoint, below.Replace('/', Path.DirectorySeparatorChar));

    private static string NextFreeLetter()
    {
        var taken = Environment.GetLogicalDrives().Select(drive => char.ToUpperInvariant(drive[0])).ToHashSet();
        for (var letter = 'Z'; letter > 'C'; letter--)
        {
            if (!taken.Contains(letter)) return $"{letter}:\\";
        }

        throw new Cli.CommandException(Cli.ExitCodes.NeedsUser, "every drive letter is taken: give one back, or name a folder.");
    }
}
