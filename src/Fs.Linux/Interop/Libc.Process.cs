using System.Runtime.InteropServices;

namespace SyncAgent.Fs.Linux.Interop;

/// <summary>Who we are, and paths.</summary>
internal static unsafe partial class Libc
{
    /// <summary>geteuid(2); cannot fail.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>getegid(2); cannot fail.</summary>
    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroup();

    /// <summary>realpath(3): resolves into a buffer of 4,096 bytes; null on failure.</summary>
    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* RealPath(string path, byte* resolved);

    /// <summary>Room for a struct statfs, which has 120 bytes on 64-bit Linux.</summary>
    public const int StatFsSize = 256;

    /// <summary>statfs(2): numbers of a file system. Of FUSE the kernel always asks its server, whatever it has cached.</summary>
    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatFs(string path, byte* numbers);
}
