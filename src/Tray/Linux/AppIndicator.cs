using System.Runtime.InteropServices;

namespace SyncAgent.Tray.Linux;

/// <summary>libayatana-appindicator3: shows an icon and a GTK menu as a StatusNotifierItem on the session bus, and registers it again when the
/// panel is restarted. Only on GTK's thread.</summary>
internal static partial class AppIndicator
{
    /// <summary>APP_INDICATOR_CATEGORY_APPLICATION_STATUS.</summary>
    public const int ApplicationStatus = 0;

    /// <summary>APP_INDICATOR_STATUS_ACTIVE.</summary>
    public const int Active = 1;

    /// <summary>APP_INDICATOR_STATUS_ATTENTION: the attention icon is shown, and panels that hide quiet icons show this one.</summary>
    public const int Attention = 2;

    /// <summary>Icons are names in the theme at a path.</summary>
    [LibraryImport(NativeLibraries.AppIndicator, EntryPoint = "app_indicator_new_with_path", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint New(string id, string icon, int category, string iconPath);

    [LibraryImport(NativeLibraries.AppIndicator, EntryPoint = "app_indicator_set_status")]
    public static partial void SetStatus(nint indicator, int status);

    [LibraryImport(NativeLibraries.AppIndicator, EntryPoint = "app_indicator_set_icon_full", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetIcon(nint indicator, string icon, string description);

    [LibraryImport(NativeLibraries.AppIndicator, EntryPoint = "app_indicator_set_attention_icon_full", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetAttentionIcon(nint indicator, string icon, string description);

    /// <summary>What panels show as the tooltip: the library has no tooltip of its own.</summary>
    [LibraryImport(NativeLibraries.AppIndicator, EntryPoint = "app_indicator_set_title", StringMarshalling = StringMarshalling.Utf8)]
    public static partial void SetTitle(nint indicator, string title);

    [LibraryImport(NativeLibraries.AppIndicator, EntryPoint = "app_indicator_set_menu")]
    public static partial void SetMenu(nint indicator, nint menu);
}
