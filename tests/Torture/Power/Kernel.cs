using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Torture.Power;

/// <summary>System calls that .NET has no words for. Each throws <see cref="IOException"/> with the errno's text.</summary>
internal static partial class Kernel
{
    private const int OpenDirectoryReadOnly = 0x10000;
    private const int NoAccessTimes = 0x400;
    private const int DetachNow = 2;
    private const int CurrentFolder = -100;
    private const uint ExchangeNames = 2;

    /// <summary>Mounts a block device's ext4. What the agent is checked for are its own flushes: this mount needs none.</summary>
    /// <param name="device">The device.</param>
    /// <param name="folder">Where.</param>
    /// <param name="barriers">False where nobody will cut the power of this one.</param>
    public static void MountExt4(string device, string folder, bool barriers) =>
        Check(Mount(device, folder, "ext4", NoAccessTimes, barriers ? "" : "barrier=0"), $"mount of {device}");

    /// <summary>Unmounts.</summary>
    public static void Unmount(string folder) => Check(UMount(folder, 0), $"umount of {folder}");

    /// <summary>Takes a mount away whose server is gone.</summary>
    public static void Detach(string folder) => Check(UMount(folder, DetachNow), $"umount -l of {folder}");

    /// <summary>Another name of a file.</summary>
    public static void HardLink(string file, string name) => Check(Link(file, name), $"link {name}");

    /// <summary>Makes a folder's entries durable.</summary>
    public static void SyncFolder(string folder)
    {
        using var handle = Open(folder, OpenDirectoryReadOnly);
        if (handle.IsInvalid) throw Failure($"open of {folder}");
        Check(FSync(handle), $"fsync of {folder}");
    }

    /// <summary>Swaps two names.</summary>
    public static void Exchange(string one, string other) =>
        Check(RenameAt2(CurrentFolder, one, CurrentFolder, other, ExchangeNames), $"exchange of {one} and {other}");

    /// <summary>Another descriptor of an open file; closing it is a close of its own.</summary>
    public static void CloseCopyOf(SafeFileHandle file)
    {
        var copy = Dup(file);
        if (copy < 0) throw Failure("dup");
        Check(Close(copy), "close");
    }

    /// <summary>An extended attribute's text, or null when there is none or the name is gone.</summary>
    public static string? ReadAttribute(string path, string name)
    {
        Span<byte> value = stackalloc byte[256];
        var length = GetXAttr(path, name, value, value.Length);
        return length < 0 ? null : Encoding.UTF8.GetString(value[..(int)length]);
    }

    internal static IOException Failure(string what) => new($"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());

    private static void Check(int result, string what)
    {
        if (result != 0) throw Failure(what);
    }

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UMount(string target, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Dup(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromFolder, string from, int toFolder, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "getxattr", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetXAttr(string path, string name, Span<byte> value, nint size);
}
