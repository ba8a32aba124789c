using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Opens staging files: 0600, shared with readers and with deletion.</summary>
public static partial class StagingFile
{
    private const int TooManyOpenFiles = 24;

    /// <summary>Creates a new file for reading and writing; an existing one is an error. Refused with EMFILE while only a reserve of
    /// descriptors is left.</summary>
    public static SafeFileHandle Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }

        // open(2) itself: File.OpenHandle cannot give a mode at creation, and takes a lock that nobody here asks for.
        const int ReadWriteCreateExclusiveCloseOnExec = 0x2 | 0x40 | 0x80 | 0x80000;
        const int OwnerReadWrite = 0b110_000_000;
        var handle = Open(path, ReadWriteCreateExclusiveCloseOnExec, OwnerReadWrite);
        var error = Marshal.GetLastPInvokeError();
        if (!handle.IsInvalid)
        {
            if (DescriptorReserve.Leaves(handle)) return handle;
            File.Delete(path);
            error = TooManyOpenFiles;
        }

        handle.Dispose();
        throw new IOException($"{path} cannot be created: {new Win32Exception(error).Message}", error);
    }

    /// <summary>Opens an existing file for reading and writing.</summary>
    public static SafeFileHandle OpenForWriting(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Opens an existing file for reading.</summary>
    public static SafeFileHandle OpenForReading(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags, int mode);
}
