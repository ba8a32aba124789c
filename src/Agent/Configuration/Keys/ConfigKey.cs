using System.Text.Json;
using System.Text.Json.Nodes;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>A key of the configuration file, declared once: its reader, the option that says the same, the help of that option and the
/// reference are made from this.</summary>
/// <param name="name">As it is written in the file.</param>
/// <param name="helpName">What the value of the option is called in help; names of files complete for "FILE" and "DIR".</param>
internal abstract class ConfigKey(string name, string helpName)
{
    /// <summary>As it is written in the file.</summary>
    public string Name => name;

    /// <summary>What it means, for help and reference alike: one phrase without a full stop, in plain text where there is an option.</summary>
    public required string Meaning { get; init; }

    /// <summary>What else the reference says of it: sentences in Markdown, or null.</summary>
    public string? Note { get; init; }

    /// <summary>What holds where it is not given, in words; null where nothing needs to be said, or where there is a value by default.</summary>
    public string? Otherwise { get; init; }

    /// <summary>Whether its section is nothing without it.</summary>
    public bool Required { get; init; }

    /// <summary>The option of the command line that says the same, or null.</summary>
    public string? Option { get; init; }

    /// <summary>What the value of the option is called in help.</summary>
    public string HelpName { get; init; } = helpName;

    /// <summary>What may be given, e.g. "a whole number from 1 to 64".</summary>
    public abstract string Expected { get; }

    /// <summary>The words that may be given, or with which what is given may begin: for completion.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>All that may be given, where help is to say it: <see cref="Meaning"/> does not; null for everything else.</summary>
    public virtual string? Choice => null;

    /// <summary>The value by default, as it could be given, or null.</summary>
    public virtual string? DefaultText => null;

    /// <summary>The keys of a section, or of the sections of a list; null for everything else.</summary>
    public virtual ConfigGroup? Group => null;

    /// <summary>What JSON Schema says of its value.</summary>
    public abstract JsonObject ToSchema();

    /// <summary>The line that help has of the option.</summary>
    public string Help
    {
        get
        {
            var usually = Required ? null : DefaultText is { } value ? $"default {value}" : Otherwise is { } words ? $"default: {words}" : null;
            return char.ToUpperInvariant(Meaning[0]) + Meaning[1..] + (Choice is null ? "" : $": {Choice}") + (usually is null ? "" : $" ({usually})");
        }
    }
}

/// <summary>A key with a value of a type of its own.</summary>
internal abstract class ValueKey<T>(string name, string helpName) : ConfigKey(name, helpName)
    where T : struct
{
    /// <summary>What holds where it is not given; null where that is nothing, or no single value.</summary>
    public T? Default { get; init; }

    /// <inheritdoc/>
    public override string? DefaultText => Default is { } value ? Show(value) : null;

    /// <summary>What a value of the file says; null when it cannot be meant.</summary>
    public abstract T? Read(JsonElement value);

    /// <summary>What a word of the command line says; null when it cannot be meant.</summary>
    public abstract T? Read(string text);

    /// <summary>A value as it could be given.</summary>
    public abstract string Show(T value);
}
