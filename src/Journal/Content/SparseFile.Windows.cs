using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Journal;

// NTFS: a file has holes only when it was marked beforehand; else a write behind its end writes zeros up to there.
public static partial class SparseFile
{
    private const uint SetSparse = 0x900C4; // FSCTL_SET_SPARSE
    private const uint SetZeroData = 0x980C8; // FSCTL_SET_ZERO_DATA
    private const int FileStandardInfo = 1;

    /// <summary>Lets a file that was just created have holes, where that must be said (NTFS). Where the disk has none it stays as it is.</summary>
    public static void Prepare(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows()) _ = DeviceIoControl(file, SetSparse, 0, 0, 0, 0, out _, 0);
    }

    [SupportedOSPlatform("windows")]
    private static unsafe bool TryPunchOnWindows(SafeFileHandle file, long offset, long length)
    {
        var range = stackalloc long[] { offset, offset + length };
        return DeviceIoControl(file, SetZeroData, (nint)range, 2 * sizeof(long), 0, 0, out _, 0);
    }

    [SupportedOSPlatform("windows")]
    private static long AllocatedBytesOnWindows(SafeFileHandle file)
    {
        if (GetFileInformationByHandleEx(file, FileStandardInfo, out var info, Unsafe.SizeOf<StandardInfo>())) return info.AllocationSize;
        throw new IOException("how much space a file takes cannot be told", Marshal.GetHRForLastWin32Error());
    }

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool DeviceIoControl(
        SafeFileHandle file, uint code, nint input, int inputSize, nint output, int outputSize, out int returned, nint overlapped);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetFileInformationByHandleEx(SafeFileHandle file, int kind, out StandardInfo info, int size);

    /// <summary>FILE_STANDARD_INFO.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct StandardInfo
    {
        public long AllocationSize;
        public long EndOfFile;
        public uint NumberOfLinks;
        public byte DeletePending;
        public byte Directory;
    }
}
