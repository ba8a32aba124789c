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

    /// <summary>access(2) with F_OK (0): asks for the attributes of a path and tells nothing else. 0 when they came.</summary>
    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Access(string path, int mode);
}
