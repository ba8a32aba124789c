using System.CommandLine;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Cli;

/// <summary>What the command line says for keys of the configuration file. A key whose option the command does not have is not given.</summary>
internal sealed class GivenOptions(ParseResult parsed, ICollection<string> mistakes) : GivenValues(mistakes)
{
    /// <summary>Adds the options of keys to a command.</summary>
    public static void AddTo(Command command, params ReadOnlySpan<ConfigKey> keys)
    {
        foreach (var key in keys) command.Options.Add(Make(key));
    }

    /// <summary>Whether one of some keys is given, right or not.</summary>
    public bool HasAny(params ReadOnlySpan<ConfigKey> keys)
    {
        foreach (var key in keys)
        {
            if (Find(key) is { } option && parsed.GetResult(option) is { Implicit: false }) return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string At(ConfigKey key) => key.Option ?? throw new ArgumentException($"{key.Name} has no option.", nameof(key));

    /// <inheritdoc/>
    public override T? Value<T>(ValueKey<T> key)
    {
        if (Find(key) is Option<bool> flag) return parsed.GetValue(flag) ? key.Read(bool.TrueString) : null;
        if (Read(key) is not { } text) return null;
        if (key.Read(text) is { } value) return value;
        Refuse(key, $"\"{text}\": expected {key.Expected}{(key is SizeKey ? ", like 8MiB" : "")}.");
        return null;
    }

    /// <inheritdoc/>
    public override string? Text(TextKey key) => Read(key);

    /// <inheritdoc/>
    public override string? ShortForm(SectionKey key) => Read(key);

    private static Option Make(ConfigKey key)
    {
        var name = key.Option ?? throw new ArgumentException($"{key.Name} has no option.", nameof(key));
        if (key is FlagKey) return new Option<bool>(name) { Description = key.Help };
        var option = new Option<string>(name) { Description = key.Help, HelpName = key.HelpName };
        option.CompletionSources.Add([.. key.Words]);
        return option;
    }

    private string? Read(ConfigKey key) => Find(key) is Option<string> option ? parsed.GetValue(option) : null;

    private Option? Find(ConfigKey key) =>
        key.Option is null ? null : parsed.CommandResult.Command.Options.FirstOrDefault(option => option.Name == key.Option);
}
