using System.Text.Json;

namespace SyncAgent.Agent.Configuration;

/// <summary>One object of the configuration file. Collects every mistake with its path; whatever nobody asked for is one too.</summary>
internal sealed class ConfigSection
{
    /// <summary>A name with more differences is no slip of a known one.</summary>
    private const int MostTypos = 2;

    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly ICollection<string> _mistakes;

    public ConfigSection(JsonElement element, string path, ICollection<string> mistakes)
    {
        Path = path;
        _mistakes = mistakes;
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject()) _values[property.Name] = property.Value;
        }
        else
        {
            mistakes.Add($"{path}: expected an object.");
        }
    }

    /// <summary>Where this object stands, e.g. <c>$.drives[0]</c>.</summary>
    public string Path { get; }

    public string At(string name) => $"{Path}.{name}";

    public string? Text(string name) => Read(name, JsonValueKind.String, "a string")?.GetString();

    /// <summary>An object whose values are all strings; empty where there is none.</summary>
    public IReadOnlyDictionary<string, string> Texts(string name)
    {
        var texts = new Dictionary<string, string>();
        if (Read(name, JsonValueKind.Object, "an object") is not { } map) return texts;
        foreach (var property in map.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.String) texts[property.Name] = property.Value.GetString()!;
            else _mistakes.Add($"{At(name)}.{property.Name}: expected a string.");
        }

        return texts;
    }

    public bool Flag(string name)
    {
        if (Find(name) is not { } value) return false;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        _mistakes.Add($"{At(name)}: expected true or false.");
        return false;
    }

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int? Number(string name, int least, int most)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most) return number;
        _mistakes.Add($"{At(name)}: expected a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>A size: a number of bytes, or text such as "8MiB".</summary>
    public long? Size(string name, long least, long most)
    {
        if (Find(name) is not { } value) return null;
        long bytes;
        var understood = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetInt64(out bytes),
            JsonValueKind.String => ByteSize.TryParse(value.GetString()!, out bytes),
            _ => Fail(out bytes),
        };
        if (understood && bytes >= least && bytes <= most) return bytes;
        _mistakes.Add($"{At(name)}: expected a size from {ByteSize.Format(least)} to {ByteSize.Format(most)}, as bytes or like \"8MiB\".");
        return null;

        static bool Fail(out long bytes)
        {
            bytes = 0;
            return false;
        }
    }

    /// <summary>Seconds, fractions allowed.</summary>
    public TimeSpan? Seconds(string name, double least, double most)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.GetDouble() is var seconds && seconds >= least && seconds <= most)
            return TimeSpan.FromSeconds(seconds);
        _mistakes.Add($"{At(name)}: expected seconds from {least} to {most}.");
        return null;
    }

    /// <summary>Whether a string is there, for what may be written as a string or as something larger.</summary>
    public bool IsText(string name) => Find(name) is { ValueKind: JsonValueKind.String };

    /// <summary>Whether anything is given.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>A list of strings; empty where there is none.</summary>
    public IReadOnlyList<string> Words(string name)
    {
        if (Read(name, JsonValueKind.Array, "a list") is not { } list) return [];
        var words = new List<string>();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String) words.Add(item.GetString()!);
            else _mistakes.Add($"{At(name)}: expected a list of strings.");
        }

        return words;
    }

    public ConfigSection? Section(string name) => Find(name) is { } value ? new ConfigSection(value, At(name), _mistakes) : null;

    public IReadOnlyList<ConfigSection> Sections(string name)
    {
        if (Read(name, JsonValueKind.Array, "a list") is not { } list) return [];
        return [.. list.EnumerateArray().Select((item, index) => new ConfigSection(item, $"{At(name)}[{index}]", _mistakes))];
    }

    /// <summary>To be called when everything was read: what is left is a mistake, most often a misspelt name.</summary>
    public void RefuseUnknown()
    {
        foreach (var name in _values.Keys.Where(name => !_known.Contains(name)))
        {
            _mistakes.Add(_known.MinBy(known => Typos.Between(known, name)) is { } nearest && Typos.Between(nearest, name) <= MostTypos
                ? $"{At(name)}: unknown; did you mean \"{nearest}\"?"
                : $"{At(name)}: unknown; expected one of {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
        }
    }

    private JsonElement? Read(string name, JsonValueKind kind, string expected)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind == kind) return value;
        _mistakes.Add($"{At(name)}: expected {expected}.");
        return null;
    }

    private JsonElement? Find(string name)
    {
        _known.Add(name);
        return _values.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
