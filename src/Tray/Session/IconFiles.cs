using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Session;

/// <summary>The icons, which lie beside the program in <c>icons</c>: an icon theme (<c>hicolor/SIZE/status/NAME.png</c>) and <c>NAME.ico</c>.</summary>
internal static class IconFiles
{
    /// <summary>The folder that holds the theme.</summary>
    public static string ThemeFolder { get; } = Path.Combine(AppContext.BaseDirectory, "icons");

    /// <summary>The icon of a state, as the theme names it.</summary>
    public static string NameOf(AgentState state) => state switch
    {
        AgentState.Idle => "syncagent-idle",
        AgentState.Syncing => "syncagent-syncing",
        AgentState.Paused => "syncagent-paused",
        AgentState.Attention => "syncagent-attention",
        _ => "syncagent-offline",
    };

    /// <summary>The icon of a state as a file for Windows.</summary>
    public static string PathOf(AgentState state) => Path.Combine(ThemeFolder, NameOf(state) + ".ico");
}
