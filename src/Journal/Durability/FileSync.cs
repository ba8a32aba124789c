using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Makes files, the names in a folder, or a whole file system durable. Errors carry the errno as HResult. NTFS journals its names
/// itself: nothing to do for them there.</summary>
internal static partial class FileSync
{
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>fsync of a file. (.NET's own call takes a read-only file system for success.)</summary>
    /// <exception cref="IOException">The bytes did not reach the disk, and a second call would not tell.</exception>
    public static void Flush(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) RandomAccess.FlushToDisk(file);
        else if (FSync(file) != 0) throw Failure("fsync");
    }

    /// <summary>fsync of a folder.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        using var handle = OpenFolder(folder);
        if (FSync(handle) != 0) throw Failure($"fsync of {folder}");
    }

    /// <summary>syncfs: everything of the file system that an open folder is on. Tells each failed write-back since the folder was opened,
    /// whoever asked for it.</summary>
    public static void FlushFileSystem(SafeFileHandle folder)
    {
        if (SyncFs(folder) != 0) throw Failure("syncfs");
    }

    /// <summary>Has the kernel forget the pages of a file, as far as they are clean: the next read is from the disk.</summary>
    public static void DropPages(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux()) return;
        var error = FAdvise(file, 0, 0, DontNeed);
        if (error != 0) throw new IOException($"posix_fadvise: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Opens a folder to be flushed.</summary>
    public static SafeFileHandle OpenFolder(string folder)
    {
        const int ReadOnlyDirectoryCloseOnExec = 0x10000 | 0x80000;
        var handle = Open(folder, ReadOnlyDirectoryCloseOnExec);
        if (!handle.IsInvalid) return handle;
        var failure = Failure($"open of {folder}");
        handle.Dispose();
        throw failure;
    }

    private static IOException Failure(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFs(SafeFileHandle handle);

    /// <summary>posix_fadvise(2): 0 or the errno itself.</summary>
    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int FAdvise(SafeFileHandle handle, long offset, long length, int advice);
}
