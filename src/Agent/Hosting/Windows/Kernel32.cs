using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>What of kernel32 .NET has no door to. Functions that return an int give 0 on failure and set the last error.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class Kernel32
{
    public const uint HandleFlagInherit = 1;
    public const uint DetachedProcess = 0x8;
    public const uint NewProcessGroup = 0x200;
    public const uint UnicodeEnvironment = 0x400;
    public const uint ExtendedStartupInfo = 0x80000;
    public const uint UseStandardHandles = 0x100;

    /// <summary>PROC_THREAD_ATTRIBUTE_HANDLE_LIST: only these handles are inherited.</summary>
    public const nuint AttributeHandleList = 0x20002;

    /// <summary>FILE_APPEND_DATA without more: every write goes to the end, whoever else writes.</summary>
    public const uint AppendData = 4;

    public const uint Synchronize = 0x100000;
    public const uint ShareAll = 7;
    public const uint OpenAlways = 4;

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial SafeFileHandle CreateFile(string path, uint access, uint share, void* security, uint disposition, uint flags, nint template);

    [LibraryImport("kernel32", SetLastError = true)]
    public static partial int SetHandleInformation(nint handle, uint mask, uint flags);

    [LibraryImport("kernel32")]
    public static partial int CloseHandle(nint handle);

    [LibraryImport("kernel32", SetLastError = true)]
    public static partial int GetExitCodeProcess(nint process, uint* code);

    [LibraryImport("kernel32", SetLastError = true)]
    public static partial int InitializeProcThreadAttributeList(void* list, uint count, uint flags, nuint* size);

    [LibraryImport("kernel32", SetLastError = true)]
    public static partial int UpdateProcThreadAttribute(void* list, uint flags, nuint attribute, void* value, nuint size, void* previous, nuint* returned);

    [LibraryImport("kernel32")]
    public static partial void DeleteProcThreadAttributeList(void* list);

    [LibraryImport("kernel32", EntryPoint = "CreateProcessW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial int CreateProcess(
        string program, char* commandLine, void* processAttributes, void* threadAttributes, int inherit, uint flags, char* environment, string? folder,
        StartupInfoEx* start, ProcessInformation* information);

    /// <summary>STARTUPINFOEXW: 112 bytes on x64.</summary>
    public struct StartupInfoEx
    {
        public uint Size;
        public char* Reserved;
        public char* Desktop;
        public char* Title;
        public uint X;
        public uint Y;
        public uint Width;
        public uint Height;
        public uint CharactersX;
        public uint CharactersY;
        public uint Fill;
        public uint Flags;
        public ushort Show;
        public ushort Reserved2Size;
        public byte* Reserved2;
        public nint StandardInput;
        public nint StandardOutput;
        public nint StandardError;
        public void* Attributes;
    }

    /// <summary>PROCESS_INFORMATION.</summary>
    public struct ProcessInformation
    {
        public nint Process;
        public nint Thread;
        public uint ProcessId;
        public uint ThreadId;
    }
}
