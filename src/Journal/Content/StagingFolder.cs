using System.Security.Cryptography;

namespace SyncAgent.Journal;

/// <summary>The folder of staging files: flat, opaque names, files 0600, folder 0700. An overlay's extent log stands beside it
/// under the same name with ".map".</summary>
public sealed class StagingFolder
{
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
    }

    /// <summary>Names of all staging files, logs left out.</summary>
    public IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Path)
            .Select(file => System.IO.Path.GetFileName(file))
            .Where(name => !name.EndsWith(MapSuffix, StringComparison.Ordinal));
}
