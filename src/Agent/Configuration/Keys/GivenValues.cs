namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>What somebody gave for keys: in a section of the configuration file, or as options of the command line.</summary>
/// <param name="mistakes">Takes all that is wrong, each mistake with where it stands.</param>
internal abstract class GivenValues(ICollection<string> mistakes)
{
    /// <summary>All that is wrong so far.</summary>
    public ICollection<string> Mistakes => mistakes;

    /// <summary>Where a key stands, for messages.</summary>
    public abstract string At(ConfigKey key);

    /// <summary>The value of a key; null when it is not given, or when it cannot be meant, which is a mistake.</summary>
    public abstract T? Value<T>(ValueKey<T> key)
        where T : struct;

    /// <summary>Whether a key is given as true.</summary>
    public bool Flag(FlagKey key) => Value(key) ?? false;

    /// <summary>A text, or null.</summary>
    public abstract string? Text(TextKey key);

    /// <summary>The line that is given in place of a section, or null.</summary>
    public abstract string? ShortForm(SectionKey key);

    /// <summary>A section, or null. The command line has none.</summary>
    public virtual ConfigSection? Section(SectionKey key) => null;

    /// <summary>A list of sections; empty where there is none. The command line has none.</summary>
    public virtual IReadOnlyList<ConfigSection> Sections(SectionsKey key) => [];

    /// <summary>Adds a mistake.</summary>
    public void Refuse(ConfigKey key, string why) => mistakes.Add($"{At(key)}: {why}");
}
