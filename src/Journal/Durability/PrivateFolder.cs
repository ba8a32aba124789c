using System.Runtime.Versioning;

namespace SyncAgent.Journal;

/// <summary>Folders that only their owner may enter (0700).</summary>
public static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates a folder, with those above it that are missing, or makes an existing one private.</summary>
    public static void Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        CreateMissing(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (File.GetUnixFileMode(path) != OwnerOnly) File.SetUnixFileMode(path, OwnerOnly);
    }

    // Those above it too: whoever may write to a folder can put another in the place of what is in it. (CreateDirectory gives its mode to
    // the last one only.)
    [UnsupportedOSPlatform("windows")]
    private static void CreateMissing(string path)
    {
        if (Directory.Exists(path)) return;
        if (Path.GetDirectoryName(path) is { } above) CreateMissing(above);
        Directory.CreateDirectory(path, OwnerOnly);
    }
}
