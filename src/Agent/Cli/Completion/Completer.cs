using System.CommandLine;
using System.CommandLine.Completions;

namespace SyncAgent.Agent.Cli.Completion;

/// <summary>Which names of the file system fit as well.</summary>
internal enum FileNames
{
    /// <summary>None.</summary>
    None,

    /// <summary>Files and folders.</summary>
    Files,

    /// <summary>Folders only.</summary>
    Folders,
}

/// <summary>What may stand at a place of a command line.</summary>
/// <param name="Names">Whether names of the file system fit, which the shell knows best.</param>
/// <param name="Items">Words with what they mean; the meaning may be empty.</param>
internal sealed record Candidates(FileNames Names, IReadOnlyList<(string Text, string Meaning)> Items);

/// <summary>Tells from the tree of commands what may stand at a place of a command line: the same tree that parses it.</summary>
internal static class Completer
{
    /// <summary>What may stand in the place of the last word.</summary>
    /// <param name="root">All commands.</param>
    /// <param name="words">The words after the program's name up to the cursor; the last one is being typed, and may be empty.</param>
    public static Candidates Complete(Command root, IReadOnlyList<string> words)
    {
        var command = root;
        Option? waiting = null;
        var (arguments, onlyArguments) = (0, false);
        foreach (var word in words.SkipLast(1))
        {
            if (waiting is not null) waiting = null;
            else if (word == "--") onlyArguments = true;
            else if (!onlyArguments && word.Length > 1 && word[0] == '-') waiting = OptionOf(command, word);
            else if (arguments == 0 && command.Subcommands.FirstOrDefault(sub => IsNamed(sub.Name, sub.Aliases, word)) is { } next) command = next;
            else arguments++;
        }

        var typed = words.Count == 0 ? "" : words[^1];
        if (waiting is not null) return Values(waiting, waiting.HelpName, typed);
        if (!onlyArguments && typed.StartsWith('-')) return new Candidates(FileNames.None, Begin(typed, OptionsOf(command).SelectMany(Describe)));
        if (arguments == 0 && command.Subcommands.Count > 0)
            return new Candidates(FileNames.None, Begin(typed, command.Subcommands.Where(sub => !sub.Hidden).Select(sub => (sub.Name, sub.Description ?? ""))));
        if (command.Arguments.Count == 0) return new Candidates(FileNames.None, []);
        var argument = command.Arguments[Math.Min(arguments, command.Arguments.Count - 1)];
        if (arguments >= command.Arguments.Count && argument.Arity.MaximumNumberOfValues <= 1) return new Candidates(FileNames.None, []);
        return Values(argument, argument.Name, typed);
    }

    private static Candidates Values(Symbol symbol, string? name, string typed)
    {
        var names = name switch { "DIR" => FileNames.Folders, "FILE" or "PATH" => FileNames.Files, _ => FileNames.None };
        return new Candidates(names, Begin(typed, symbol.GetCompletions(CompletionContext.Empty).Select(item => (item.InsertText ?? item.Label, item.Detail ?? ""))));
    }

    private static IReadOnlyList<(string Text, string Meaning)> Begin(string typed, IEnumerable<(string Text, string Meaning)> items) =>
        [.. items.Where(item => item.Text.StartsWith(typed, StringComparison.Ordinal)).DistinctBy(item => item.Text).OrderBy(item => item.Text, StringComparer.Ordinal)];

    // The option, when its value is a word of its own.
    private static Option? OptionOf(Command command, string word) =>
        word.Contains('=', StringComparison.Ordinal) ? null
        : OptionsOf(command).FirstOrDefault(option => IsNamed(option.Name, option.Aliases, word) && option.Arity.MinimumNumberOfValues > 0);

    private static IEnumerable<Option> OptionsOf(Command command) => command.Options
        .Concat(command.Parents.OfType<Command>().SelectMany(OptionsOf).Where(option => option.Recursive))
        .Where(option => !option.Hidden);

    private static IEnumerable<(string Text, string Meaning)> Describe(Option option) =>
        option.Aliases.Prepend(option.Name).Where(name => name.StartsWith('-')).Select(name => (name, option.Description ?? ""));

    private static bool IsNamed(string name, IEnumerable<string> aliases, string word) => name == word || aliases.Contains(word);
}
