using System.Reflection;
using System.Runtime.InteropServices;

namespace SyncAgent.Tray.Linux;

/// <summary>The desktop's libraries. They are looked for before anything of them is called: a machine without them is told what to install.</summary>
internal static class NativeLibraries
{
    public const string Gtk = "libgtk-3.so.0";
    public const string Gio = "libgio-2.0.so.0";
    public const string GObject = "libgobject-2.0.so.0";
    public const string GLib = "libglib-2.0.so.0";

    /// <summary>Stands for whichever of <see cref="AppIndicators"/> is there.</summary>
    public const string AppIndicator = "appindicator3";

    /// <summary>The library of today, and that of older distributions with the same functions.</summary>
    private static readonly string[] AppIndicators = ["libayatana-appindicator3.so.1", "libappindicator3.so.1"];

    /// <summary>Loads them.</summary>
    /// <exception cref="ShellException">Something is not installed.</exception>
    public static void Load()
    {
        if (!TryLoadAppIndicator(out var indicator) || !NativeLibrary.TryLoad(Gtk, out _))
        {
            throw new ShellException(
                "The tray needs the library libayatana-appindicator3. Debian, Ubuntu: apt install libayatana-appindicator3-1; "
                + "Fedora: dnf install libayatana-appindicator-gtk3. Without it use \"syncagent status\" and \"syncagent open\".");
        }

        NativeLibrary.SetDllImportResolver(
            Assembly.GetExecutingAssembly(), (name, _, _) => name == AppIndicator ? indicator : 0);
    }

    private static bool TryLoadAppIndicator(out nint library)
    {
        foreach (var name in AppIndicators)
            if (NativeLibrary.TryLoad(name, out library)) return true;
        library = 0;
        return false;
    }
}
