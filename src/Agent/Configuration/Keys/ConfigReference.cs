using System.Text;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The reference of the configuration file, written from the declarations by which it is read.</summary>
internal static class ConfigReference
{
    /// <summary>The reference in Markdown: a table for each kind of section.</summary>
    public static string Render()
    {
        var text = new StringBuilder();
        text.Append("""
            # Configuration reference

            Printed by `syncagent config reference`; do not edit it here. [Configuration](configuration.md) explains and shows how the keys work together.
            Sizes are bytes as a number, or text such as `"8MiB"` (`KiB`, `MiB`, `GiB`, `TiB`; `kB`, `MB`, `GB`, `TB`; a bare letter is binary). Times are seconds, with
            fractions. An option says the same as the key beside it, with the same values.

            """);
        var groups = new List<ConfigGroup>();
        Collect(AgentKeys.Group, groups);
        foreach (var group in groups) Append(text, group);
        return text.ToString();
    }

    // The order of the file: what a section holds follows it.
    private static void Collect(ConfigGroup group, List<ConfigGroup> groups)
    {
        if (groups.Contains(group.Whole)) return;
        groups.Add(group.Whole);
        foreach (var below in group.Whole.Keys.Select(key => key.Group).OfType<ConfigGroup>()) Collect(below, groups);
    }

    private static void Append(StringBuilder text, ConfigGroup group)
    {
        text.Append($"""

            ## {group.Title}

            {group.Place}

            | key | option | value | default | meaning |
            |---|---|---|---|---|

            """);
        foreach (var key in group.Keys)
        {
            string[] cells = [$"`{key.Name}`", key.Option is null ? "" : $"`{key.Option}`", ValueOf(key), DefaultOf(key), key.Note is null ? key.Meaning : $"{key.Meaning}. {key.Note}"];
            text.Append($"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n");
        }
    }

    private static string ValueOf(ConfigKey key) => key.Group is not { } group ? key.Expected : $"{key.Expected}: [{group.Title}](#{Anchor(group.Title)})";

    private static string DefaultOf(ConfigKey key) =>
        key.Required ? "required" : key.DefaultText ?? key.Otherwise ?? (key is FlagKey ? "false" : "");

    private static string Anchor(string title) => title.ToLowerInvariant().Replace(' ', '-');
}
