using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>How the objects of some files are stored.</summary>
/// <param name="Match">Which: a pattern on the key below the drive's prefix, with "/" between folders and case told apart. "*" is any
/// run of characters and "?" one character within a name, "**" any number of folders. Without "/" it is a name at any depth; a "/" in front
/// ties it to the drive's root. <c>*.jpg</c>, <c>photos/**</c>, <c>**/tmp/*.log</c>, <c>/readme.txt</c>.</param>
/// <param name="Options">What is set for them; null and empty leave it to the rules before.</param>
public sealed record ObjectRule(string Match, ObjectOptions Options)
{
    /// <summary>Metadata names that the drive writes itself; so is every name that begins with <see cref="ReservedPrefix"/>.</summary>
    private static readonly string[] Reserved = ["mode", "uid", "gid", "mtime"];

    private const string ReservedPrefix = "syncagent-";

    /// <summary>Every mistake in this rule.</summary>
    public IReadOnlyList<OptionMistake> Validate()
    {
        var mistakes = new List<OptionMistake>();
        if (PathPattern.FindMistake(Match) is { } mistake) mistakes.Add(new("match", mistake));
        if (Options.ForbidOverwrite) mistakes.Add(new("forbidOverwrite", "is no matter of rules: the drive decides it for each upload."));
        mistakes.AddRange(Options.Metadata.Keys
            .Where(name => Reserved.Contains(name) || name.StartsWith(ReservedPrefix, StringComparison.Ordinal))
            .Select(name => new OptionMistake($"metadata.{name}", "is written by the drive itself; use another name.")));
        mistakes.AddRange(ObjectOptionsValidator.Validate(Options));
        return mistakes;
    }
}
