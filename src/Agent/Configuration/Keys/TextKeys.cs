using System.Text.Json.Nodes;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>Text; what is wrong with it is found by whom it is for.</summary>
internal sealed class TextKey(string name) : ConfigKey(name, "TEXT")
{
    /// <inheritdoc/>
    public override string Expected => Words.Count > 0 ? Wording.OneOf(Words) : Form;

    /// <inheritdoc/>
    public override string? Choice => Words.Count > 0 ? Expected : null;

    /// <summary>What it looks like.</summary>
    public string Form { get; init; } = "a string";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => ConfigSchema.Text(Words);
}

/// <summary>A list of texts.</summary>
internal sealed class WordsKey(string name) : ConfigKey(name, "TEXT")
{
    /// <inheritdoc/>
    public override string Expected => "a list of strings";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "array", ["items"] = ConfigSchema.Text(Words) };
}

/// <summary>An object whose values are texts.</summary>
internal sealed class TextsKey(string name) : ConfigKey(name, "TEXT")
{
    /// <inheritdoc/>
    public override string Expected => "an object of strings";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "object", ["additionalProperties"] = ConfigSchema.Text([]) };
}

/// <summary>A section: an object with keys of its own.</summary>
internal sealed class SectionKey(string name, ConfigGroup group) : ConfigKey(name, "TEXT")
{
    /// <inheritdoc/>
    public override ConfigGroup Group => group;

    /// <summary>What may be given in one line in place of the section, or null.</summary>
    public string? ShortForm { get; init; }

    /// <inheritdoc/>
    public override string? Choice => ShortForm;

    /// <inheritdoc/>
    public override string Expected => ShortForm is null ? "an object" : $"{ShortForm}, or an object";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => ShortForm is null
        ? ConfigSchema.Refer(group)
        : new JsonObject { ["anyOf"] = new JsonArray(ConfigSchema.Text([]), ConfigSchema.Refer(group)) };
}

/// <summary>A list of sections.</summary>
internal sealed class SectionsKey(string name, ConfigGroup group) : ConfigKey(name, "TEXT")
{
    /// <inheritdoc/>
    public override ConfigGroup Group => group;

    /// <inheritdoc/>
    public override string Expected => "a list of objects";

    /// <inheritdoc/>
    public override JsonObject ToSchema() => new() { ["type"] = "array", ["items"] = ConfigSchema.Refer(group) };
}
