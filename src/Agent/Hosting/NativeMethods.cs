using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Agent.Hosting;

/// <summary>The few calls of libc that .NET has no door to. Linux only.</summary>
internal static unsafe partial class NativeMethods
{
    /// <summary>LOCK_EX | LOCK_NB of flock(2).</summary>
    public const int LockExclusiveNonBlocking = 2 | 4;

    /// <summary>POSIX_SPAWN_SETSID (glibc 2.26): the child leads a session of its own.</summary>
    public const short SpawnSetSid = 0x80;

    /// <summary>glibc's posix_spawnattr_t takes 336 bytes and posix_spawn_file_actions_t 80 on 64-bit machines; musl's are no larger.</summary>
    public const int SpawnStructureSize = 512;

    /// <summary>SOL_SOCKET.</summary>
    public const int SocketLevel = 1;

    /// <summary>SCM_RIGHTS: a control message with descriptors.</summary>
    public const int Rights = 1;

    /// <summary>MSG_CMSG_CLOEXEC: what is received is not inherited by children.</summary>
    public const int CloseOnExecDescriptors = 0x40000000;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroupId();

    /// <summary>Whether this process may read and write a file, by its rights.</summary>
    public static bool MayReadAndWrite(string path)
    {
        const int ReadWrite = 4 | 2;
        return Access(path, ReadWrite) == 0;
    }

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Access(string path, int mode);

    /// <summary>Length of the value, or -1 with errno. A link is not followed.</summary>
    [LibraryImport("libc", EntryPoint = "lgetxattr", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial nint GetExtendedAttribute(string path, string name, byte* value, nuint size);

    /// <summary>0, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int FLock(SafeFileHandle file, int operation);

    /// <summary>0, or the error number itself.</summary>
    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    public static partial int Spawn(int* pid, byte* path, byte* fileActions, byte* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int SpawnAttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SpawnAttributesSetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int SpawnAttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int SpawnActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SpawnActionsAddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int SpawnActionsAddDup2(byte* actions, int descriptor, int copy);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int SpawnActionsDestroy(byte* actions);

    /// <summary>The pid, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitPid(int pid, out int status, int options);

    /// <summary>recvmsg(2): bytes received, 0 at the end, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    public static partial nint ReceiveMessage(SafeSocketHandle socket, MessageHeader* message, int flags);

    /// <summary>struct msghdr of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary>struct iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>Opens a file to write at its end, made with mode 600 when it is not there; not inherited by children. Its descriptor, or -1 with errno.</summary>
    public static int OpenToAppend(string path)
    {
        const int WriteOnly = 1;
        const int Create = 0x40;
        const int Append = 0x400;
        const int NoFollow = 0x20000;
        const int CloseOnExec = 0x80000;
        return Open(path, WriteOnly | Create | Append | NoFollow | CloseOnExec, 0b110_000_000);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags, uint mode);

    /// <summary>dup3(2): the second descriptor is what the first is; only standard input, output and error are inherited. It, or -1 with errno.</summary>
    public static int TurnDescriptor(int descriptor, int old)
    {
        const int CloseOnExec = 0x80000;
        return Dup3(descriptor, old, old > 2 ? CloseOnExec : 0);
    }

    [LibraryImport("libc", EntryPoint = "dup3", SetLastError = true)]
    private static partial int Dup3(int descriptor, int old, int flags);

    /// <summary>close(2): 0, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int CloseDescriptor(int descriptor);

    /// <summary>Fills a struct statfs; 0, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatFs(string path, byte* buffer);

    /// <summary>Fills a buffer of PATH_MAX bytes with the path that no link is part of; null when it does not exist.</summary>
    [LibraryImport("libc", EntryPoint = "realpath", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* RealPath(string path, byte* resolved);
}
