using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace SyncAgent.Journal;

/// <summary>
/// What a staging file says about itself without the journal: an extended attribute "user.syncagent" (Linux) with drive, node,
/// generation, size, CRC and path, one per line. File systems without such attributes lose only this help.
/// </summary>
public static partial class StagingMark
{
    private const string Name = "user.syncagent";

    /// <summary>Marks a staging file. Returns false where the file system has no extended attributes.</summary>
    public static bool TrySet(StagingFolder files, Generation generation, long drive, string path)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(generation);
        if (!OperatingSystem.IsLinux()) return false;
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"drive={drive}\nnode={generation.Node}\ngeneration={generation.Id}\nsize={generation.Size}\ncrc64={generation.Crc}\npath={path}\n");
        var bytes = Encoding.UTF8.GetBytes(text);
        return SetXAttr(files.FileOf(generation.Staging), Name, bytes, bytes.Length, 0) == 0;
    }

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetXAttr(string path, string name, byte[] value, nint size, int flags);
}
