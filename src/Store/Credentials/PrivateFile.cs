using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Store;

/// <summary>A file with secrets, which is read only when nobody else can have written or read it: a regular file of this user or root,
/// closed to group and others. On Windows the folder's access rights are the user's own business.</summary>
internal static partial class PrivateFile
{
    /// <summary>What tells one state of a file from another.</summary>
    public readonly record struct Stamp(long Size, long First, long Second, long Third);

    /// <summary>The state of a file now.</summary>
    /// <exception cref="StoreException">It cannot be used, and why.</exception>
    public static Stamp Check(string path)
    {
        if (OperatingSystem.IsLinux()) return CheckOnLinux(path);
        var file = new FileInfo(path);
        if (!file.Exists) throw Missing(path);
        return new Stamp(file.Length, file.LastWriteTimeUtc.Ticks, file.CreationTimeUtc.Ticks, 0);
    }

    [SupportedOSPlatform("linux")]
    private static Stamp CheckOnLinux(string path)
    {
        LinuxFileStatus file;
        try
        {
            file = LinuxFileStatus.Read(path);
        }
        catch (FileNotFoundException)
        {
            throw Missing(path);
        }
        catch (IOException e)
        {
            throw Bad(e.Message);
        }

        if (!file.IsRegular) throw Bad($"{path} is not a regular file.");
        if (file.Owner != 0 && file.Owner != EffectiveUserId())
            throw Bad($"{path} belongs to another user (id {file.Owner}): its keys may be anybody's. Make a file of your own.");
        if ((file.Mode & 0b111_111) != 0) throw Bad($"{path} is open to other users: run chmod 600 {path}");
        return new Stamp(file.Size, unchecked((long)file.Inode), file.ChangeTime, file.ModifyTime);
    }

    private static StoreException Missing(string path) => Bad($"{path} does not exist.");

    private static StoreException Bad(string message) => new(StoreErrorKind.BadCredentials, message);

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
