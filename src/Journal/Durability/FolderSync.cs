using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Makes names in a folder, or a whole file system, durable. NTFS journals its names itself: nothing to do there.</summary>
internal static partial class FolderSync
{
    /// <summary>fsync of a folder.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        using var handle = OpenFolder(folder);
        if (FSync(handle) != 0) throw new IOException($"fsync of {folder}: {LastError()}");
    }

    /// <summary>syncfs: everything of the file system that <paramref name="folder"/> is on.</summary>
    public static void FlushFileSystem(string folder)
    {
        using var handle = OpenFolder(folder);
        if (SyncFs(handle) != 0) throw new IOException($"syncfs of {folder}: {LastError()}");
    }

    private static SafeFileHandle OpenFolder(string folder)
    {
        const int ReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;
        var handle = Open(folder, ReadOnlyDirectoryCloseOnExec);
        if (!handle.IsInvalid) return handle;
        var error = LastError();
        handle.Dispose();
        throw new IOException($"open of {folder}: {error}");
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle handle);
}
