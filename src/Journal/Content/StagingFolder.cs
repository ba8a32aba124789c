using System.Security.Cryptography;

namespace SyncAgent.Journal;

/// <summary>The folder of staging files: flat, opaque names, files 0600, folder 0700. An overlay's extent log stands beside it
/// under the same name with ".map"; what a file says of itself stands in an extended attribute or, where there are none, beside it with
/// ".mark" (<see cref="StagingMark"/>).</summary>
public sealed class StagingFolder
{
    /// <summary>Its name in the state folder.</summary>
    internal const string FolderName = "staging";

    private const string MapSuffix = ".map";

    internal StagingFolder(string path)
    {
        Path = path;
        PrivateFolder.Create(path);
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>A name that no staging file has.</summary>
    public static string NewName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Path of a staging file.</summary>
    public string FileOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Path of an overlay's extent log.</summary>
    public string MapOf(string name) => System.IO.Path.Combine(Path, name + MapSuffix);

    /// <summary>Deletes a staging file and its log; missing ones are fine.</summary>
    public void Delete(string name)
    {
        File.Delete(FileOf(name));
        File.Delete(MapOf(name));
        File.Delete(FileOf(name) + MarkFile.Suffix);
    }

    /// <summary>Says of a staging file what it is, see <see cref="StagingMark"/>.</summary>
    /// <exception cref="IOException">The mark cannot be written.</exception>
    public void Mark(string name, StagingMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        MarkFile.Write(FileOf(name), mark.Format());
    }

    /// <summary>Changes what a staging file says of itself; does nothing when it says nothing.</summary>
    /// <exception cref="IOException">The mark cannot be written.</exception>
    public void AmendMark(string name, Func<StagingMark, StagingMark> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (MarkOf(name) is { } mark) Mark(name, change(mark));
    }

    /// <summary>What a staging file says of itself, or null.</summary>
    public StagingMark? MarkOf(string name) => StagingMark.TryRead(FileOf(name));

    /// <summary>Names of all staging files, without what stands beside them.</summary>
    public IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Path)
            .Select(file => System.IO.Path.GetFileName(file))
            .Where(IsContent);

    /// <summary>Whether a file of the folder holds content, and is not something that stands beside one.</summary>
    public static bool IsContent(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return !name.EndsWith(MapSuffix, StringComparison.Ordinal) && !name.EndsWith(MarkFile.Suffix, StringComparison.Ordinal);
    }
}
