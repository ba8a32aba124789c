using System.Text.Json;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Configuration;

/// <summary>One object of the configuration file. What is no key of its group is a mistake.</summary>
internal sealed class ConfigSection : GivenValues
{
    /// <summary>A name with more differences is no slip of a known one.</summary>
    private const int MostTypos = 2;

    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    /// <summary>Reads an object.</summary>
    /// <param name="element">What stands there.</param>
    /// <param name="path">Where it stands, e.g. <c>$.drives[0]</c>.</param>
    /// <param name="group">The keys that it may have.</param>
    /// <param name="mistakes">Takes all that is wrong.</param>
    public ConfigSection(JsonElement element, string path, ConfigGroup group, ICollection<string> mistakes)
        : base(mistakes)
    {
        Path = path;
        if (element.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add($"{path}: expected an object.");
            return;
        }

        foreach (var property in element.EnumerateObject())
        {
            if (group.Find(property.Name) is null) mistakes.Add($"{At(property.Name)}: {Unknown(property.Name, group)}");
            else if (property.Value.ValueKind != JsonValueKind.Null) _values[property.Name] = property.Value;
        }
    }

    /// <summary>Where this object stands, e.g. <c>$.drives[0]</c>.</summary>
    public string Path { get; }

    /// <summary>Where a key of a name stands.</summary>
    public string At(string name) => $"{Path}.{name}";

    /// <inheritdoc/>
    public override string At(ConfigKey key) => At(key.Name);

    /// <inheritdoc/>
    public override T? Value<T>(ValueKey<T> key)
    {
        if (Find(key) is not { } value) return null;
        if (key.Read(value) is { } read) return read;
        Refuse(key, $"expected {key.Expected}{(key is SizeKey ? ", as bytes or like \"8MiB\"" : "")}.");
        return null;
    }

    /// <inheritdoc/>
    public override string? Text(TextKey key) => Read(key, JsonValueKind.String, "a string")?.GetString();

    /// <inheritdoc/>
    public override string? ShortForm(SectionKey key) => Find(key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <inheritdoc/>
    public override ConfigSection? Section(SectionKey key) => Find(key) is { } value ? new ConfigSection(value, At(key), key.Group, Mistakes) : null;

    /// <inheritdoc/>
    public override IReadOnlyList<ConfigSection> Sections(SectionsKey key)
    {
        if (Read(key, JsonValueKind.Array, "a list") is not { } list) return [];
        return [.. list.EnumerateArray().Select((item, index) => new ConfigSection(item, $"{At(key)}[{index}]", key.Group, Mistakes))];
    }

    /// <summary>Whether anything is given.</summary>
    public bool Has(ConfigKey key) => Find(key) is not null;

    /// <summary>Texts by name; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> Texts(TextsKey key)
    {
        var texts = new Dictionary<string, string>();
        if (Read(key, JsonValueKind.Object, "an object") is not { } map) return texts;
        foreach (var property in map.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.String) texts[property.Name] = property.Value.GetString()!;
            else Mistakes.Add($"{At(key)}.{property.Name}: expected a string.");
        }

        return texts;
    }

    /// <summary>A list of texts; null where there is none.</summary>
    public IReadOnlyList<string>? Words(WordsKey key)
    {
        if (Read(key, JsonValueKind.Array, "a list") is not { } list) return null;
        var words = new List<string>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String) words.Add(item.GetString()!);
            else Refuse(key, $"expected {key.Expected}.");
        }

        return words;
    }

    // Most often a misspelt name.
    private static string Unknown(string name, ConfigGroup group)
    {
        var known = group.Keys.Select(key => key.Name).Order(StringComparer.Ordinal).ToList();
        return known.MinBy(meant => Typos.Between(meant, name)) is { } nearest && Typos.Between(nearest, name) <= MostTypos
            ? $"unknown; did you mean \"{nearest}\"?"
            : $"unknown; expected one of {string.Join(", ", known)}.";
    }

    private JsonElement? Read(ConfigKey key, JsonValueKind kind, string expected)
    {
        if (Find(key) is not { } value) return null;
        if (value.ValueKind == kind) return value;
        Refuse(key, $"expected {expected}.");
        return null;
    }

    private JsonElement? Find(ConfigKey key) => _values.TryGetValue(key.Name, out var value) ? value : null;
}
