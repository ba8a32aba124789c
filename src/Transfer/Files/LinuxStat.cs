using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SyncAgent.Transfer;

/// <summary>statx(2): one layout on every architecture, and the two fields that .NET leaves out (inode, change time).</summary>
internal static partial class LinuxStat
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    /// <summary>The stamp of the regular file at a path.</summary>
    public static FileStamp Stamp(string path)
    {
        if (Call(CurrentFolder, path, 0, BasicStats, out var stat) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is NoEntry or NotDirectory) throw new FileNotFoundException($"{path}: no such file.", path);
            throw new IOException($"{path}: {new Win32Exception(error).Message}");
        }

        if ((stat.Mode & TypeMask) != RegularFile) throw new FileNotFoundException($"{path} is not a regular file.", path);
        return new FileStamp((long)stat.Size, Nanoseconds(stat.ModifySeconds, stat.ModifyNanoseconds),
            Nanoseconds(stat.ChangeSeconds, stat.ChangeNanoseconds), stat.Inode);
    }

    private static long Nanoseconds(long seconds, uint nanoseconds) => seconds * 1_000_000_000 + nanoseconds;

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Call(int folder, string path, int flags, uint mask, out StatX result);

    /// <summary>struct statx of linux/stat.h; fields that nobody here asks for are left out.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public long ChangeSeconds;

        [FieldOffset(104)]
        public uint ChangeNanoseconds;

        [FieldOffset(112)]
        public long ModifySeconds;

        [FieldOffset(120)]
        public uint ModifyNanoseconds;
    }
}
