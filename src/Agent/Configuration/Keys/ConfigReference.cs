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
        foreach (var group in AgentKeys.Group.WithAllBelow().Select(group => group.Whole).Distinct()) Append(text, group);
        return text.ToString();
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

    private static string ValueOf(ConfigKey key) => key.Group?.Whole is not { } group ? key.Expected : $"{key.Expected}: [{group.Title}](#{group.Anchor})";

    private static string DefaultOf(ConfigKey key) =>
        key.Required ? "required" : key.DefaultText ?? key.Otherwise ?? (key is FlagKey ? "false" : "");
}
