using SyncAgent.Tray.Model;

namespace SyncAgent.Tray.Windows;

/// <summary>A menu of the model at the pointer. It is made when it is opened: an open one stays as it was.</summary>
internal static unsafe class PopupMenu
{
    /// <summary>Shows it until something is chosen; null when nothing was.</summary>
    public static TrayAction? Choose(nint window, IReadOnlyList<MenuItem> items)
    {
        List<TrayAction> actions = [];
        var menu = Build(items, actions);
        Win32.POINT point;
        Win32.GetCursorPos(&point);
        // Without the first a menu stays open when the user clicks elsewhere, without the second so does the next one (documented with TrackPopupMenu).
        Win32.SetForegroundWindow(window);
        var chosen = Win32.TrackPopupMenu(menu, Win32.TPM_RETURNCMD | Win32.TPM_NONOTIFY | Win32.TPM_RIGHTBUTTON, point.X, point.Y, window, 0);
        Win32.PostMessage(window, Win32.WM_NULL, 0, 0);
        Win32.DestroyMenu(menu);
        return chosen > 0 ? actions[chosen - 1] : null;
    }

    private static nint Build(IReadOnlyList<MenuItem> items, List<TrayAction> actions)
    {
        var menu = Win32.CreatePopupMenu();
        foreach (var item in items)
        {
            if (item.IsSeparator)
            {
                Win32.AppendMenu(menu, Win32.MF_SEPARATOR, 0, null);
                continue;
            }

            // "&" would underline the next letter.
            var text = item.Label.Replace("&", "&&", StringComparison.Ordinal);
            if (item.Children.Count > 0)
            {
                Win32.AppendMenu(menu, Win32.MF_POPUP, (nuint)Build(item.Children, actions), text);
                continue;
            }

            if (item.Action is { } action) actions.Add(action);
            Win32.AppendMenu(menu, Win32.MF_STRING | (item.IsEnabled ? 0 : Win32.MF_GRAYED), item.IsEnabled ? (nuint)actions.Count : 0, text);
        }

        return menu;
    }
}
