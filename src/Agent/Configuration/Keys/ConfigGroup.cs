namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The keys that an object of the configuration file may have.</summary>
/// <param name="title">Heading in the reference.</param>
/// <param name="place">Where such an object stands: a sentence in Markdown.</param>
internal sealed class ConfigGroup(string title, string place)
{
    private readonly List<ConfigKey> _keys = [];
    private ConfigGroup? _whole;

    /// <summary>Heading in the reference.</summary>
    public string Title => title;

    /// <summary>Where such an object stands: a sentence in Markdown.</summary>
    public string Place => place;

    /// <summary>All keys, in the order of the reference.</summary>
    public IReadOnlyList<ConfigKey> Keys => _keys;

    /// <summary>The group of which this is a part, or this.</summary>
    public ConfigGroup Whole => _whole ?? this;

    /// <summary>Declares a key.</summary>
    public T Add<T>(T key)
        where T : ConfigKey
    {
        _keys.Add(key);
        return key;
    }

    /// <summary>The key of a name, or null.</summary>
    public ConfigKey? Find(string name) => _keys.Find(key => key.Name == name);

    /// <summary>The same keys but one.</summary>
    public ConfigGroup Without(ConfigKey left)
    {
        var part = new ConfigGroup(title, place) { _whole = this };
        part._keys.AddRange(_keys.Where(key => key != left));
        return part;
    }
}
