using System.Runtime.InteropServices;

namespace SyncAgent.DevStore;

/// <summary>What .NET has no call for.</summary>
internal static partial class Durable
{
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC: the same number on every Linux that .NET runs on.

    /// <summary>Makes created, renamed and removed names of a folder survive a power cut. NTFS journals names by itself.</summary>
    public static void SyncDirectory(string path)
    {
        if (!OperatingSystem.IsLinux()) return;
        int descriptor = Open(path, ReadOnlyCloseOnExec);
        if (descriptor < 0) throw Failed("open", path);
        try
        {
            if (FSync(descriptor) != 0) throw Failed("fsync", path);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static IOException Failed(string call, string path) =>
        new($"{call} of folder {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
