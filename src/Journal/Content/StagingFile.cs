using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>Opens staging files: 0600, shared with readers and with deletion.</summary>
public static class StagingFile
{
    /// <summary>Creates a new file for reading and writing; an existing one is an error.</summary>
    public static SafeFileHandle Create(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }

        // FileStreamOptions is the only way to give a mode at creation; the stream object itself is not used.
        using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            BufferSize = 0,
        });
        return OpenForWriting(path);
    }

    /// <summary>Opens an existing file for reading and writing.</summary>
    public static SafeFileHandle OpenForWriting(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Opens an existing file for reading.</summary>
    public static SafeFileHandle OpenForReading(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
