using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace SyncAgent.Journal;

/// <summary>
/// Keeps the text of a <see cref="StagingMark"/> beside its staging file: in the extended attribute "user.syncagent", or where the file
/// system has none in a file of the same name with ".mark".
/// </summary>
internal static partial class MarkFile
{
    /// <summary>What the side file's name ends in.</summary>
    public const string Suffix = ".mark";

    private const string Name = "user.syncagent";

    // What Linux takes of one attribute; ext4 takes less than a block.
    private const int MostBytes = 65_536;

    private const int NoSpace = 28;
    private const int TooLarge = 7;
    private const int NotSupported = 95;

    /// <summary>Writes a mark. Throws <see cref="IOException"/> when it cannot be written.</summary>
    public static void Write(string file, string text)
    {
        if (OperatingSystem.IsLinux())
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            if (SetXAttr(file, Name, bytes, bytes.Length, 0) == 0) return;
            var error = Marshal.GetLastPInvokeError();
            if (error is not (NotSupported or TooLarge or NoSpace)) throw new IOException($"setxattr of {file}: {new Win32Exception(error).Message}", error);
        }

        AtomicFile.Write(file + Suffix, text);
    }

    /// <summary>Reads a mark; null when there is none.</summary>
    public static string? Read(string file)
    {
        // The side file is written only where the attribute cannot be: when it is there, it is the newer one.
        if (File.Exists(file + Suffix)) return File.ReadAllText(file + Suffix);
        if (!OperatingSystem.IsLinux()) return null;
        var buffer = new byte[1024];
        var length = GetXAttr(file, Name, buffer, buffer.Length);
        if (length < 0 && buffer.Length < MostBytes)
        {
            buffer = new byte[MostBytes];
            length = GetXAttr(file, Name, buffer, buffer.Length);
        }

        return length < 0 ? null : Encoding.UTF8.GetString(buffer, 0, (int)length);
    }

    [LibraryImport("libc", EntryPoint = "setxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetXAttr(string path, string name, byte[] value, nint size, int flags);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetXAttr(string path, string name, [Out] byte[] value, nint size);
}
