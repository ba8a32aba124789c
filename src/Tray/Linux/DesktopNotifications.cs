using System.Net;
using System.Runtime.InteropServices;
using SyncAgent.Tray.Notifications;

namespace SyncAgent.Tray.Linux;

/// <summary>Words on the desktop through <c>org.freedesktop.Notifications</c>, called with GLib's own D-Bus, which comes with GTK. Nobody waits for
/// an answer: a session without a notification service drops them.</summary>
internal sealed unsafe partial class DesktopNotifications
{
    private const int SessionBus = 2;
    private const int ServiceDecides = -1;

    private readonly nint _bus;

    private DesktopNotifications(nint bus) => _bus = bus;

    /// <summary>Connects to the session bus.</summary>
    /// <exception cref="ShellException">There is none.</exception>
    public static DesktopNotifications Connect()
    {
        var bus = BusGet(SessionBus, 0, null);
        if (bus == 0) throw new ShellException("There is no session bus (DBUS_SESSION_BUS_ADDRESS): the tray runs in a desktop session.");
        return new DesktopNotifications(bus);
    }

    /// <summary>Shows a word.</summary>
    public void Show(Notification notification, string icon)
    {
        const byte Normal = 1, Critical = 2;
        // The text may be taken for markup; the title never is.
        var urgency = DictEntry(NewString("urgency"), NewVariant(NewByte(notification.IsUrgent ? Critical : Normal)));
        var arguments = stackalloc nint[]
        {
            NewString("SyncAgent"), NewUInt32(0), NewString(icon), NewString(notification.Title), NewString(WebUtility.HtmlEncode(notification.Text)),
            NewStringArray(null, 0), NewArray(0, &urgency, 1), NewInt32(ServiceDecides),
        };
        Call(
            _bus, "org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "Notify",
            NewTuple(arguments, 8), 0, 0, ServiceDecides, 0, 0, 0);
    }

    [LibraryImport(NativeLibraries.Gio, EntryPoint = "g_bus_get_sync")]
    private static partial nint BusGet(int type, nint cancellable, nint* error);

    // Takes the parameters over. Without a function to call back nobody waits for the reply.
    [LibraryImport(NativeLibraries.Gio, EntryPoint = "g_dbus_connection_call", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void Call(
        nint bus, string name, string path, string @interface, string method, nint parameters, nint replyType, int flags, int timeout,
        nint cancellable, nint callback, nint data);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_string", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NewString(string text);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_uint32")]
    private static partial nint NewUInt32(uint value);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_int32")]
    private static partial nint NewInt32(int value);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_byte")]
    private static partial nint NewByte(byte value);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_variant")]
    private static partial nint NewVariant(nint value);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_dict_entry")]
    private static partial nint DictEntry(nint key, nint value);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_strv")]
    private static partial nint NewStringArray(byte** strings, nint length);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_array")]
    private static partial nint NewArray(nint childType, nint* children, nuint count);

    [LibraryImport(NativeLibraries.GLib, EntryPoint = "g_variant_new_tuple")]
    private static partial nint NewTuple(nint* children, nuint count);
}
