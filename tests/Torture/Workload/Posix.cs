using System.Runtime.InteropServices;

namespace SyncAgent.Torture.Workload;

/// <summary>A call of the kernel failed.</summary>
internal sealed class PosixException(string call, string path, int error)
    : IOException($"{call} {path}: {Marshal.GetPInvokeErrorMessage(error)} ({error})", error)
{
    /// <summary>errno.</summary>
    public int Error { get; } = error;

    /// <summary>Whether the drive's agent died under the call.</summary>
    public bool IsDeadDrive => Error is Posix.NotConnected or Posix.ConnectionAborted or Posix.NoDevice;
}

/// <summary>The kernel's calls as they are: .NET's own file calls swallow the error of close(2) and take locks that nobody asked for.</summary>
internal static partial class Posix
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int Cut = 0x200;
    public const int AtEnd = 0x400;
    public const int NotFound = 2;
    public const int InputOutput = 5;
    public const int NoSpace = 28;
    public const int NoDevice = 19;
    public const int TimedOut = 110;
    public const int ConnectionAborted = 103;
    public const int NotConnected = 107;
    private const int Interrupted = 4;
    private const int BadAddress = 14;
    private const int ExchangeFlag = 2;
    private const int CurrentFolder = -100;
    private const int ReadWriteMap = 3;
    private const int Shared = 1;
    private const int SyncMap = 4;

    public static int Open(string path, int flags) => Check(open(path, flags | 0x80000, 0b110_100_100), "open", path);

    public static void Close(int file, string path) => Check(close(file), "close", path);

    /// <summary>Closes what is to be thrown away; how that ends is of no interest.</summary>
    public static void Abandon(int file) => _ = close(file);

    public static int Duplicate(int file, string path) => Check(dup(file), "dup", path);

    public static void WriteAt(int file, ReadOnlySpan<byte> bytes, long offset, string path)
    {
        while (bytes.Length > 0)
        {
            var written = pwrite(file, in MemoryMarshal.GetReference(bytes), bytes.Length, offset);
            if (written < 0) Check(-1, "write", path);
            bytes = bytes[(int)written..];
            offset += written;
        }
    }

    /// <summary>write(2): at the file's position, or its end when it was opened so.</summary>
    public static void Write(int file, ReadOnlySpan<byte> bytes, string path)
    {
        while (bytes.Length > 0)
        {
            var written = write(file, in MemoryMarshal.GetReference(bytes), bytes.Length);
            if (written < 0) Check(-1, "write", path);
            bytes = bytes[(int)written..];
        }
    }

    public static byte[] ReadAll(string path)
    {
        var file = Open(path, ReadOnly);
        try
        {
            using var whole = new MemoryStream();
            var buffer = new byte[128 << 10];
            while (true)
            {
                var count = (int)read(file, ref buffer[0], buffer.Length);
                if (count < 0) Check(-1, "read", path);
                if (count == 0) return whole.ToArray();
                whole.Write(buffer, 0, count);
            }
        }
        finally
        {
            Abandon(file);
        }
    }

    public static void Sync(int file, string path) => Check(fsync(file), "fsync", path);

    public static void SetLength(int file, long length, string path) => Check(ftruncate(file, length), "ftruncate", path);

    public static void SetLength(string path, long length) => Check(truncate(path, length), "truncate", path);

    public static void Rename(string from, string to) => Check(rename(from, to), "rename", from);

    public static void Exchange(string from, string to) => Check(renameat2(CurrentFolder, from, CurrentFolder, to, ExchangeFlag), "exchange", from);

    public static void Unlink(string path) => Check(unlink(path), "unlink", path);

    public static void MakeFolder(string path) => Check(mkdir(path, 0b111_101_101), "mkdir", path);

    public static void RemoveFolder(string path) => Check(rmdir(path), "rmdir", path);

    public static void ChangeMode(string path, uint mode) => Check(chmod(path, mode), "chmod", path);

    public static void ChangeOwner(string path, uint user, uint group) => Check(lchown(path, user, group), "chown", path);

    public static void SetAttribute(string path, string name, byte[] value) => Check(setxattr(path, name, value, value.Length, 0), "setxattr", path);

    /// <summary>An extended attribute as text, or null when there is none or no such file.</summary>
    public static string? Attribute(string path, string name)
    {
        var buffer = new byte[256];
        var length = (int)getxattr(path, name, buffer, buffer.Length);
        if (length >= 0) return System.Text.Encoding.UTF8.GetString(buffer, 0, length);
        var error = Marshal.GetLastPInvokeError();
        return error is NotFound or 61 ? null : throw new PosixException("getxattr", path, error);
    }

    /// <summary>Whether it is a folder; null when there is nothing.</summary>
    public static bool? IsFolder(string path)
    {
        const int FolderFlag = 0x10000;
        var file = open(path, ReadOnly | FolderFlag | 0x80000, 0);
        if (file >= 0)
        {
            Abandon(file);
            return true;
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NotFound => null,
            20 => false,
            var error => throw new PosixException("open", path, error),
        };
    }

    /// <summary>Changes bytes of an open file through a shared map, and msyncs it. The kernel copies the bytes into the map: where the drive
    /// dies under it that is an error of a call, while an access of our own would be a SIGBUS.</summary>
    public static void WriteMapped(int file, ReadOnlySpan<byte> bytes, int offset, int length, string path)
    {
        var map = mmap(0, length, ReadWriteMap, Shared, file, 0);
        if (map == -1) Check(-1, "mmap", path);
        var source = Check(memfd_create("torture", 0), "memfd_create", path);
        try
        {
            Write(source, bytes, path);
            for (var done = 0; done < bytes.Length;)
            {
                var count = (int)pread(source, map + offset + done, bytes.Length - done, done);
                if (count < 0) throw new PosixException("write to a map of", path, Marshal.GetLastPInvokeError() is BadAddress ? NotConnected : InputOutput);
                done += count;
            }

            Check(msync(map, length, SyncMap), "msync", path);
        }
        finally
        {
            Abandon(source);
            _ = munmap(map, length);
        }
    }

    private static int Check(int result, string call, string path)
    {
        if (result >= 0) return result;
        var error = Marshal.GetLastPInvokeError();
        throw new PosixException(call, path, error == Interrupted ? ConnectionAborted : error);
    }

#pragma warning disable SA1300, IDE1006 // the kernel's names
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, int mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int dup(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwrite(int file, in byte bytes, nint length, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int file, in byte bytes, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int file, ref byte bytes, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pread(int file, nint bytes, nint length, long offset);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int memfd_create(string name, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ftruncate(int file, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int truncate(string path, long length);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int renameat2(int fromFolder, string from, int toFolder, string to, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkdir(string path, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rmdir(string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chmod(string path, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setxattr(string path, string name, byte[] value, nint length, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getxattr(string path, string name, byte[] value, nint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int msync(nint address, nint length, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nint length);
#pragma warning restore SA1300, IDE1006
}
