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

    /// <summary>The heading as a link names it.</summary>
    public string Anchor => title.ToLowerInvariant().Replace(' ', '-');

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

    /// <summary>This and all groups below it, each once, in the order of the file: what a section holds follows it.</summary>
    public IReadOnlyList<ConfigGroup> WithAllBelow()
    {
        var groups = new List<ConfigGroup>();
        Collect(groups);
        return groups;
    }

    private void Collect(List<ConfigGroup> groups)
    {
        if (groups.Contains(this)) return;
        groups.Add(this);
        foreach (var key in _keys) key.Group?.Collect(groups);
    }

    /// <summary>The same keys but one.</summary>
    public ConfigGroup Without(ConfigKey left, string partTitle)
    {
        var part = new ConfigGroup(partTitle, place) { _whole = this };
        part._keys.AddRange(_keys.Where(key => key != left));
        return part;
    }
}
