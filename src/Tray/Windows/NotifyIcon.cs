using System.ComponentModel;
using System.Runtime.InteropServices;
using SyncAgent.Tray.Api;
using SyncAgent.Tray.Model;
using SyncAgent.Tray.Notifications;
using SyncAgent.Tray.Session;

namespace SyncAgent.Tray.Windows;

/// <summary>The icon in the notification area (Shell_NotifyIcon). Only on the thread of its window.</summary>
internal sealed unsafe class NotifyIcon(nint window, uint callbackMessage)
{
    private const uint Id = 1;

    private readonly Dictionary<AgentState, nint> _icons = [];

    /// <summary>Whether the area tells of choices (WM_CONTEXTMENU, NIN_SELECT) and not only of mouse buttons.</summary>
    public bool TellsChoices { get; private set; }

    /// <summary>Puts the icon up. Where there is no notification area yet, "TaskbarCreated" comes when there is one.</summary>
    public void Add(TrayView view)
    {
        var data = DataOf(view);
        if (!Win32.ShellNotifyIcon(Win32.NIM_ADD, &data)) return;
        data.Version = Win32.NOTIFYICON_VERSION;
        TellsChoices = Win32.ShellNotifyIcon(Win32.NIM_SETVERSION, &data);
    }

    /// <summary>Changes icon and tooltip.</summary>
    public void Change(TrayView view)
    {
        var data = DataOf(view);
        Win32.ShellNotifyIcon(Win32.NIM_MODIFY, &data);
    }

    /// <summary>Shows a balloon.</summary>
    public void Notify(Notification notification)
    {
        var data = Empty();
        data.Flags = Win32.NIF_INFO;
        data.InfoFlags = notification.IsUrgent ? Win32.NIIF_WARNING : Win32.NIIF_INFO;
        Copy(notification.Title, new Span<char>(data.InfoTitle, Win32.NOTIFYICONDATAW.TitleLength));
        Copy(notification.Text, new Span<char>(data.Info, Win32.NOTIFYICONDATAW.InfoLength));
        Win32.ShellNotifyIcon(Win32.NIM_MODIFY, &data);
    }

    /// <summary>Takes the icon away.</summary>
    public void Remove()
    {
        var data = Empty();
        Win32.ShellNotifyIcon(Win32.NIM_DELETE, &data);
    }

    /// <summary>Copies what fits, with an end.</summary>
    internal static void Copy(string text, Span<char> field)
    {
        var length = Math.Min(text.Length, field.Length - 1);
        // Half of a surrogate pair is no character.
        if (length < text.Length && char.IsHighSurrogate(text[length - 1])) length--;
        text.AsSpan(0, length).CopyTo(field);
        field[length] = '\0';
    }

    private Win32.NOTIFYICONDATAW DataOf(TrayView view)
    {
        var data = Empty();
        data.Flags = Win32.NIF_MESSAGE | Win32.NIF_ICON | Win32.NIF_TIP;
        data.CallbackMessage = callbackMessage;
        data.Icon = IconOf(view.State);
        Copy(view.Tooltip, new Span<char>(data.Tip, Win32.NOTIFYICONDATAW.TipLength));
        return data;
    }

    private Win32.NOTIFYICONDATAW Empty() => new() { Size = (uint)sizeof(Win32.NOTIFYICONDATAW), Window = window, Id = Id };

    // Kept for the life of the program: there are five.
    private nint IconOf(AgentState state)
    {
        if (_icons.TryGetValue(state, out var icon)) return icon;
        icon = Win32.LoadImage(
            0, IconFiles.PathOf(state), Win32.IMAGE_ICON, Win32.GetSystemMetrics(Win32.SM_CXSMICON), Win32.GetSystemMetrics(Win32.SM_CYSMICON), Win32.LR_LOADFROMFILE);
        if (icon == 0) throw new ShellException($"{IconFiles.PathOf(state)}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message} Install the program again.");
        return _icons[state] = icon;
    }
}
