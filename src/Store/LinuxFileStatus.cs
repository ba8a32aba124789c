using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Store;

/// <summary>What statx(2) says of a file: the same layout on every architecture, and the fields that .NET leaves out (owner, inode,
/// change time). Source: struct statx of linux/stat.h.</summary>
/// <param name="Mode">File type and access rights, as in inode(7).</param>
/// <param name="Owner">User id.</param>
/// <param name="Inode">Which file it is on its file system.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModifyTime">Of the content, in nanoseconds since 1970.</param>
/// <param name="ChangeTime">Of the inode, in nanoseconds since 1970: no program can set it back.</param>
[SupportedOSPlatform("linux")]
public sealed partial record LinuxFileStatus(ushort Mode, uint Owner, ulong Inode, long Size, long ModifyTime, long ChangeTime)
{
    private const int StructSize = 256;
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int SymbolicLink = 0xA000;
    private const int NoFollow = 0x100;
    private const int NoEntry = 2;
    private const int NotDirectory = 20;

    /// <summary>Whether it is a regular file: no folder, device or pipe.</summary>
    public bool IsRegular => (Mode & TypeMask) == RegularFile;

    /// <summary>Whether it is a symbolic link, which only one that was not followed can be.</summary>
    public bool IsSymbolicLink => (Mode & TypeMask) == SymbolicLink;

    /// <summary>The status of what now has a path.</summary>
    /// <param name="path">The path; a relative one is below the current folder.</param>
    /// <param name="followLink">Whether a symbolic link stands for what it points at. Those above it in the path always do.</param>
    /// <exception cref="FileNotFoundException">Nothing has this path.</exception>
    /// <exception cref="IOException">It cannot be told, and why.</exception>
    public static LinuxFileStatus Read(string path, bool followLink = true)
    {
        Span<byte> answer = stackalloc byte[StructSize];
        if (Call(CurrentFolder, path, followLink ? 0 : NoFollow, BasicStats, ref MemoryMarshal.GetReference(answer)) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error is NoEntry or NotDirectory) throw new FileNotFoundException($"{path}: no such file.", path);
            throw new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        return new LinuxFileStatus(
            Mode: BinaryPrimitives.ReadUInt16LittleEndian(answer[28..]), Owner: BinaryPrimitives.ReadUInt32LittleEndian(answer[20..]),
            Inode: BinaryPrimitives.ReadUInt64LittleEndian(answer[32..]), Size: BinaryPrimitives.ReadInt64LittleEndian(answer[40..]),
            ModifyTime: Nanoseconds(answer[112..]), ChangeTime: Nanoseconds(answer[96..]));
    }

    private static long Nanoseconds(ReadOnlySpan<byte> at) =>
        unchecked((BinaryPrimitives.ReadInt64LittleEndian(at) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(at[8..]));

    /// <summary>statx(2): 0, or -1 with errno. <paramref name="answer"/> is the first of 256 bytes.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Call(int folder, string path, int flags, uint mask, ref byte answer);
}
