using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Store;

/// <summary>A file with secrets, which is read only when nobody else can have written or read it: a regular file of this user or root,
/// closed to group and others. On Windows the folder's access rights are the user's own business.</summary>
internal static partial class PrivateFile
{
    /// <summary>What tells one state of a file from another.</summary>
    public readonly record struct Stamp(long Size, long First, long Second, long Third);

    /// <summary>The state of a file now.</summary>
    /// <exception cref="StoreException">It cannot be used, and why.</exception>
    public static Stamp Check(string path)
    {
        if (OperatingSystem.IsLinux()) return CheckOnLinux(path);
        var file = new FileInfo(path);
        if (!file.Exists) throw Missing(path);
        return new Stamp(file.Length, file.LastWriteTimeUtc.Ticks, file.CreationTimeUtc.Ticks, 0);
    }

    [SupportedOSPlatform("linux")]
    private static Stamp CheckOnLinux(string path)
    {
        // struct statx, the same on every architecture: owner at 20, mode at 28, inode 32, size 40, ctime 96, mtime 112.
        Span<byte> answer = stackalloc byte[256];
        if (Statx(AtCurrentFolder, path, 0, StatxBasic, ref MemoryMarshal.GetReference(answer)) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw error == NoSuchFile ? Missing(path) : Bad($"{path}: {Marshal.GetPInvokeErrorMessage(error)}");
        }

        var owner = BinaryPrimitives.ReadUInt32LittleEndian(answer[20..]);
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(answer[28..]);
        if ((mode & 0xF000) != 0x8000) throw Bad($"{path} is not a regular file.");
        if (owner != 0 && owner != EffectiveUserId()) throw Bad($"{path} belongs to another user (id {owner}): its keys may be anybody's. Make a file of your own.");
        if ((mode & 0b111_111) != 0) throw Bad($"{path} is open to other users: run chmod 600 {path}");
        return new Stamp(
            BinaryPrimitives.ReadInt64LittleEndian(answer[40..]), BinaryPrimitives.ReadInt64LittleEndian(answer[32..]),
            Time(answer[96..]), Time(answer[112..]));
    }

    private static long Time(ReadOnlySpan<byte> at) =>
        unchecked((BinaryPrimitives.ReadInt64LittleEndian(at) * 1_000_000_000) + BinaryPrimitives.ReadUInt32LittleEndian(at[8..]));

    private static StoreException Missing(string path) => Bad($"{path} does not exist.");

    private static StoreException Bad(string message) => new(StoreErrorKind.BadCredentials, message);

    private const int AtCurrentFolder = -100;
    private const int NoSuchFile = 2;
    private const uint StatxBasic = 0x7FF;

    /// <summary>statx(2): 0, or -1 with errno. <paramref name="answer"/> is the first of 256 bytes.</summary>
    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte answer);

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
