using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

/// <summary>A stretch of a file that is data, or a hole, throughout.</summary>
/// <param name="End">Offset behind it.</param>
/// <param name="IsData">False for a hole: it reads as zeros and takes no space.</param>
public readonly record struct DataRun(long End, bool IsData);

/// <summary>Space and holes of local files, for which .NET has no calls: fallocate(2), lseek(2) with SEEK_DATA and SEEK_HOLE, and the
/// blocks of statx(2). On Windows (.Windows) space can be given back, but a file counts as data throughout and space cannot be taken beforehand.</summary>
public static partial class SparseFile
{
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int ZeroRange = 0x10;
    private const int SeekData = 3;
    private const int SeekHole = 4;
    private const int NoData = 6;
    private const int Interrupted = 4;
    private const int NotSupported = 95;
    private const int EmptyPath = 0x1000;
    private const uint Blocks = 0x400;
    private const int StatxSize = 256;
    private const int BlocksOffset = 48;
    private const int BlockSize = 512;

    /// <summary>Takes the space of [<paramref name="offset"/>, + <paramref name="length"/>): writes there find room. Bytes stay what they are.</summary>
    /// <exception cref="IOException">No space, or the file system cannot; HResult is the errno.</exception>
    public static void Allocate(SafeFileHandle file, long offset, long length, bool keepSize) =>
        Change(file, keepSize ? KeepSize : 0, offset, length);

    /// <summary>The same, and makes the bytes zeros.</summary>
    /// <exception cref="IOException">No space, or the file system cannot; HResult is the errno.</exception>
    public static void Zero(SafeFileHandle file, long offset, long length, bool keepSize) =>
        Change(file, ZeroRange | (keepSize ? KeepSize : 0), offset, length);

    /// <summary>Gives back the space; the bytes are zeros then, and the length stays. False where the file system has no holes.</summary>
    /// <exception cref="IOException">It failed; HResult is the errno.</exception>
    public static bool TryPunch(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsWindows()) return TryPunchOnWindows(file, offset, length);
        try
        {
            Change(file, PunchHole | KeepSize, offset, length);
            return true;
        }
        catch (IOException e) when (e.HResult == NotSupported)
        {
            return false;
        }
    }

    /// <summary>What the file holds from <paramref name="offset"/> on, at most to <paramref name="limit"/>. Behind its end is a hole.</summary>
    public static DataRun RunAt(SafeFileHandle file, long offset, long limit)
    {
        if (!OperatingSystem.IsLinux()) return new DataRun(limit, true);
        var data = Seek(file, offset, SeekData);
        if (data > offset) return new DataRun(Math.Min(data, limit), false);
        return new DataRun(Math.Min(Seek(file, offset, SeekHole), limit), true);
    }

    /// <summary>Bytes of the disk that a file takes.</summary>
    /// <exception cref="IOException">It cannot be told.</exception>
    public static long AllocatedBytes(SafeFileHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (OperatingSystem.IsWindows()) return AllocatedBytesOnWindows(file);
        Span<byte> answer = stackalloc byte[StatxSize];
        if (StatX(file, "", EmptyPath, Blocks, ref MemoryMarshal.GetReference(answer)) != 0) throw Failure(Marshal.GetLastPInvokeError());
        return BinaryPrimitives.ReadInt64LittleEndian(answer[BlocksOffset..]) * BlockSize;
    }

    private static void Change(SafeFileHandle file, int mode, long offset, long length)
    {
        if (!OperatingSystem.IsLinux()) throw Failure(NotSupported);
        while (FAllocate(file, mode, offset, length) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Interrupted) throw Failure(error);
        }
    }

    /// <summary>The next data or hole; past the end, and for data also where none follows, the end of all offsets.</summary>
    private static long Seek(SafeFileHandle file, long offset, int what)
    {
        var found = LSeek(file, offset, what);
        if (found >= 0) return found;
        var error = Marshal.GetLastPInvokeError();
        if (error == NoData) return long.MaxValue;
        throw Failure(error);
    }

    private static IOException Failure(int error) => new(Marshal.GetPInvokeErrorMessage(error), error);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long LSeek(SafeFileHandle file, long offset, int whence);

    /// <summary>statx(2): 0, or -1 with errno. <paramref name="answer"/> is the first of 256 bytes.</summary>
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(SafeFileHandle file, string path, int flags, uint mask, ref byte answer);
}
