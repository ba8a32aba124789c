using System.Runtime.InteropServices;

namespace SyncAgent.Tray.Windows;

/// <summary>What the tray uses of user32, shell32 and kernel32, under the names of the Windows headers.</summary>
internal static unsafe partial class Win32
{
    public const uint WM_DESTROY = 0x0002;
    public const uint WM_CONTEXTMENU = 0x007B;
    public const uint WM_NULL = 0;
    public const uint WM_LBUTTONUP = 0x0202;
    public const uint WM_RBUTTONUP = 0x0205;
    public const uint WM_APP = 0x8000;
    public const uint NIN_SELECT = 0x0400;
    public const uint NIN_KEYSELECT = 0x0401;

    public const uint NIM_ADD = 0;
    public const uint NIM_MODIFY = 1;
    public const uint NIM_DELETE = 2;
    public const uint NIM_SETVERSION = 4;
    public const uint NIF_MESSAGE = 1;
    public const uint NIF_ICON = 2;
    public const uint NIF_TIP = 4;
    public const uint NIF_INFO = 0x10;
    public const uint NIIF_INFO = 1;
    public const uint NIIF_WARNING = 2;
    public const uint NOTIFYICON_VERSION = 3;

    public const uint MF_STRING = 0;
    public const uint MF_GRAYED = 1;
    public const uint MF_POPUP = 0x10;
    public const uint MF_SEPARATOR = 0x800;
    public const uint TPM_RIGHTBUTTON = 2;
    public const uint TPM_NONOTIFY = 0x80;
    public const uint TPM_RETURNCMD = 0x100;

    public const uint MB_OK = 0;
    public const uint MB_OKCANCEL = 1;
    public const uint MB_ICONQUESTION = 0x20;
    public const uint MB_ICONINFORMATION = 0x40;
    public const int IDOK = 1;

    public const uint IMAGE_ICON = 1;
    public const uint LR_LOADFROMFILE = 0x10;
    public const int SM_CXSMICON = 49;
    public const int SM_CYSMICON = 50;

    [LibraryImport("kernel32", EntryPoint = "GetModuleHandleW")]
    public static partial nint GetModuleHandle(char* name);

    /// <summary>0 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "RegisterClassExW", SetLastError = true)]
    public static partial ushort RegisterClassEx(WNDCLASSEXW* windowClass);

    /// <summary>0 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "CreateWindowExW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint CreateWindowEx(
        uint extendedStyle, string className, string windowName, uint style, int x, int y, int width, int height, nint parent, nint menu, nint instance, nint parameter);

    [LibraryImport("user32", EntryPoint = "DestroyWindow")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DestroyWindow(nint window);

    [LibraryImport("user32", EntryPoint = "DefWindowProcW")]
    public static partial nint DefWindowProc(nint window, uint message, nint wParam, nint lParam);

    [LibraryImport("user32", EntryPoint = "RegisterWindowMessageW", StringMarshalling = StringMarshalling.Utf16)]
    public static partial uint RegisterWindowMessage(string name);

    /// <summary>0 after WM_QUIT, -1 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "GetMessageW")]
    public static partial int GetMessage(MSG* message, nint window, uint from, uint to);

    [LibraryImport("user32", EntryPoint = "DispatchMessageW")]
    public static partial nint DispatchMessage(MSG* message);

    [LibraryImport("user32", EntryPoint = "PostMessageW")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool PostMessage(nint window, uint message, nint wParam, nint lParam);

    [LibraryImport("user32", EntryPoint = "PostQuitMessage")]
    public static partial void PostQuitMessage(int exitCode);

    [LibraryImport("user32", EntryPoint = "GetSystemMetrics")]
    public static partial int GetSystemMetrics(int index);

    /// <summary>0 on failure.</summary>
    [LibraryImport("user32", EntryPoint = "LoadImageW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    public static partial nint LoadImage(nint instance, string name, uint type, int width, int height, uint flags);

    [LibraryImport("user32", EntryPoint = "CreatePopupMenu")]
    public static partial nint CreatePopupMenu();

    [LibraryImport("user32", EntryPoint = "AppendMenuW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool AppendMenu(nint menu, uint flags, nuint id, string? text);

    /// <summary>Also destroys its submenus.</summary>
    [LibraryImport("user32", EntryPoint = "DestroyMenu")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool DestroyMenu(nint menu);

    /// <summary>With TPM_RETURNCMD the id of the chosen item, 0 for none.</summary>
    [LibraryImport("user32", EntryPoint = "TrackPopupMenuEx")]
    public static partial int TrackPopupMenu(nint menu, uint flags, int x, int y, nint window, nint parameters);

    [LibraryImport("user32", EntryPoint = "GetCursorPos")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool GetCursorPos(POINT* point);

    [LibraryImport("user32", EntryPoint = "SetForegroundWindow")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool SetForegroundWindow(nint window);

    [LibraryImport("user32", EntryPoint = "MessageBoxW", StringMarshalling = StringMarshalling.Utf16)]
    public static partial int MessageBox(nint window, string text, string caption, uint type);

    [LibraryImport("shell32", EntryPoint = "Shell_NotifyIconW")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool ShellNotifyIcon(uint message, NOTIFYICONDATAW* data);

    public struct POINT
    {
        public int X;
        public int Y;
    }

    public struct MSG
    {
        public nint Window;
        public uint Message;
        public nint WParam;
        public nint LParam;
        public uint Time;
        public POINT Point;
        public uint Private;
    }

    public struct WNDCLASSEXW
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

    /// <summary>976 bytes on x64.</summary>
    public struct NOTIFYICONDATAW
    {
        public const int TipLength = 128;
        public const int InfoLength = 256;
        public const int TitleLength = 64;

        public uint Size;
        public nint Window;
        public uint Id;
        public uint Flags;
        public uint CallbackMessage;
        public nint Icon;
        public fixed char Tip[TipLength];
        public uint State;
        public uint StateMask;
        public fixed char Info[InfoLength];
        public uint Version;
        public fixed char InfoTitle[TitleLength];
        public uint InfoFlags;
        public Guid Item;
        public nint BalloonIcon;
    }
}
