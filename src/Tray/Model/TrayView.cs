using SyncAgent.Tray.Api;

namespace SyncAgent.Tray.Model;

/// <summary>What is seen of the tray at one moment.</summary>
/// <param name="State">Chooses the icon.</param>
/// <param name="Tooltip">One line.</param>
/// <param name="Menu">The menu, from top to bottom.</param>
internal sealed record TrayView(AgentState State, string Tooltip, IReadOnlyList<MenuItem> Menu);

/// <summary>An item of a menu: a separator, a submenu, something to choose, or, with neither action nor children, something to read.</summary>
/// <param name="Key">Names it within its menu: an open menu changes in place where the key stays.</param>
/// <param name="Label">Its text; empty for a separator.</param>
internal sealed record MenuItem(string Key, string Label)
{
    /// <summary>What choosing it does.</summary>
    public TrayAction? Action { get; init; }

    /// <summary>The items of its submenu.</summary>
    public IReadOnlyList<MenuItem> Children { get; init; } = [];

    /// <summary>Whether it only parts others.</summary>
    public bool IsSeparator => Label.Length == 0;

    /// <summary>Whether it can be chosen.</summary>
    public bool IsEnabled => Action is not null || Children.Count > 0;

    /// <summary>A line between others.</summary>
    public static MenuItem Separator(string key) => new(key, "");
}
