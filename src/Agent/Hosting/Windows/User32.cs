using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SyncAgent.Agent.Hosting.Windows;

/// <summary>Windows and their messages, under the names of the Windows headers.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class User32
{
    public const uint WM_DESTROY = 0x0002;
    public const uint WM_CLOSE = 0x0010;
    public const uint WM_QUERYENDSESSION = 0x0011;
    public const uint WM_ENDSESSION = 0x0016;
    public const uint WM_POWERBROADCAST = 0x0218;
    public const uint WM_APP = 0x8000;
    public const nint PBT_APMRESUMEAUTOMATIC = 0x12;

    [LibraryImport("kernel32", EntryPoint = "GetModuleHandleW")]
    public static partial nint GetModuleHandle(char* name);

    /// <summary>0 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "RegisterClassExW", SetLastError = true)]
    public static partial ushort RegisterClassEx(WindowClass* windowClass);

    /// <summary>0 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "CreateWindowExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint CreateWindowEx(
        uint extendedStyle, string className, string windowName, uint style, int x, int y, int width, int height, nint parent, nint menu, nint instance, nint parameter);

    /// <summary>The next window of a class after another one; 0 when there is none.</summary>
    [LibraryImport("user32", EntryPoint = "FindWindowExW", StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint FindWindowEx(nint parent, nint after, string className, string? windowName);

    /// <summary>0 when the window is gone.</summary>
    [LibraryImport("user32")]
    public static partial uint GetWindowThreadProcessId(nint window, uint* processId);

    [LibraryImport("user32")]
    public static partial int DestroyWindow(nint window);

    [LibraryImport("user32", EntryPoint = "DefWindowProcW")]
    public static partial nint DefWindowProc(nint window, uint message, nint wParam, nint lParam);

    /// <summary>0 after WM_QUIT, -1 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "GetMessageW")]
    public static partial int GetMessage(Message* message, nint window, uint from, uint to);

    [LibraryImport("user32", EntryPoint = "DispatchMessageW")]
    public static partial nint DispatchMessage(Message* message);

    [LibraryImport("user32", EntryPoint = "PostMessageW")]
    public static partial int PostMessage(nint window, uint message, nint wParam, nint lParam);

    [LibraryImport("user32")]
    public static partial void PostQuitMessage(int exitCode);

    /// <summary>Only from the thread of the window.</summary>
    [LibraryImport("user32", StringMarshalling = StringMarshalling.Utf16)]
    public static partial int ShutdownBlockReasonCreate(nint window, string reason);

    /// <summary>Only from the thread of the window.</summary>
    [LibraryImport("user32")]
    public static partial int ShutdownBlockReasonDestroy(nint window);

    /// <summary>MSG.</summary>
    public struct Message
    {
        public nint Window;
        public uint Number;
        public nint WParam;
        public nint LParam;
        public uint Time;
        public int X;
        public int Y;
        public uint Private;
    }

    /// <summary>WNDCLASSEXW.</summary>
    public struct WindowClass
    {
        public uint Size;
        public uint Style;
        public delegate* unmanaged<nint, uint, nint, nint, nint> Procedure;
        public int ClassExtra;
        public int WindowExtra;
        public nint Instance;
        public nint Icon;
        public nint Cursor;
        public nint Background;
        public char* MenuName;
        public char* ClassName;
        public nint SmallIcon;
    }
}
