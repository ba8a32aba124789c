using System.Runtime.InteropServices;

namespace SyncAgent.Tray.Linux;

/// <summary>GTK 3 and what it stands on. All but <see cref="IdleAdd"/> only on the thread that called <see cref="InitCheck"/>. Widgets are
/// plain addresses: a container owns what was put into it.</summary>
internal static unsafe partial class Gtk
{
    /// <summary>GTK_MESSAGE_INFO.</summary>
    public const int MessageInfo = 0;

    /// <summary>GTK_MESSAGE_QUESTION.</summary>
    public const int MessageQuestion = 2;

    /// <summary>GTK_RESPONSE_OK.</summary>
    public const int ResponseOk = -5;

    /// <summary>GTK_RESPONSE_CANCEL.</summary>
    public const int ResponseCancel = -6;

    /// <summary>G_TYPE_STRING.</summary>
    public const nuint TypeString = 16 << 2;

    /// <summary>False without a display. Both arguments may be null.</summary>
    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_init_check")]
    [return: MarshalAs(UnmanagedType.Bool)]
    public static partial bool InitCheck(int* count, byte*** arguments);

    /// <summary>Serves the display until <see cref="MainQuit"/>.</summary>
    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_main")]
    public static partial void RunMain();

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_main_quit")]
    public static partial void MainQuit();

    /// <summary>Has the main loop call a function soon; from any thread. A result of 0 ends the calls.</summary>
    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_idle_add")]
    public static partial uint IdleAdd(delegate* unmanaged[Cdecl]<nint, int> function, nint data);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_menu_new")]
    public static partial nint MenuNew();

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_menu_item_new_with_label", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint MenuItemNew(string label);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_menu_item_set_label", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void MenuItemSetLabel(nint item, string label);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_menu_item_set_submenu")]
    public static partial void MenuItemSetSubmenu(nint item, nint menu);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_separator_menu_item_new")]
    public static partial nint SeparatorNew();

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_menu_shell_insert")]
    public static partial void MenuInsert(nint menu, nint item, int position);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_widget_set_sensitive")]
    public static partial void SetSensitive(nint widget, [MarshalAs(UnmanagedType.Bool)] bool sensitive);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_widget_show")]
    public static partial void Show(nint widget);

    /// <summary>Takes a widget out of its container and gives it back.</summary>
    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_widget_destroy")]
    public static partial void Destroy(nint widget);

    /// <summary>The format is printf's and takes further arguments: null for no text, which is set as a property.</summary>
    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_message_dialog_new")]
    public static partial nint MessageDialogNew(nint parent, int flags, int type, int buttons, byte* format);

    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_dialog_add_button", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint DialogAddButton(nint dialog, string text, int response);

    /// <summary>What Enter answers.</summary>
    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_dialog_set_default_response")]
    public static partial void DialogSetDefault(nint dialog, int response);

    /// <summary>Serves the display, the rest of the program included, until the dialog is answered.</summary>
    [LibraryImport(NativeLibraries.Gtk, EntryPoint = "gtk_dialog_run")]
    public static partial int DialogRun(nint dialog);

    [LibraryImport(NativeLibraries.GObject, EntryPoint = "g_signal_connect_data", StringMarshalling = StringMarshalling.Utf8)]
    public static partial ulong Connect(nint instance, string signal, delegate* unmanaged[Cdecl]<nint, nint, void> handler, nint data, nint destroy, int flags);

    /// <summary>Sets a property that is a string.</summary>
    public static void SetText(nint instance, string property, string text)
    {
        var value = default(GValue);
        ValueInit(&value, TypeString);
        ValueSetString(&value, text);
        SetProperty(instance, property, &value);
        ValueUnset(&value);
    }

    [LibraryImport(NativeLibraries.GObject, EntryPoint = "g_value_init")]
    private static partial nint ValueInit(GValue* value, nuint type);

    [LibraryImport(NativeLibraries.GObject, EntryPoint = "g_value_set_string", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void ValueSetString(GValue* value, string text);

    [LibraryImport(NativeLibraries.GObject, EntryPoint = "g_value_unset")]
    private static partial void ValueUnset(GValue* value);

    [LibraryImport(NativeLibraries.GObject, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void SetProperty(nint instance, string property, GValue* value);

    /// <summary>GLib's GValue: a type and two words of its own.</summary>
    private struct GValue
    {
        public nuint Type;
        public ulong First;
        public ulong Second;
    }
}
