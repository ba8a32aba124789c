using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>The rules of a drive, in order. Immutable; thread-safe.</summary>
public sealed class ObjectRules
{
    private readonly (PathPattern Pattern, ObjectOptions Options)[] _rules;
    private readonly Func<string, string?> _contentTypeOf;

    /// <summary>Compiles rules.</summary>
    /// <param name="rules">Later ones win.</param>
    /// <param name="contentTypeOf">Content type of a key by its name, or null; asked where no rule sets one. Must be thread-safe.</param>
    /// <exception cref="ArgumentException">The rules have mistakes; the message lists all of them.</exception>
    public ObjectRules(IReadOnlyList<ObjectRule> rules, Func<string, string?> contentTypeOf)
    {
        if (Validate(rules) is { Count: > 0 } mistakes)
            throw new ArgumentException($"The rules for objects cannot be used:\n  {string.Join("\n  ", mistakes)}", nameof(rules));
        _rules = [.. rules.Select(rule => (new PathPattern(rule.Match), rule.Options))];
        _contentTypeOf = contentTypeOf;
    }

    /// <summary>Every mistake in all rules, each with "[0].tags" and the like before it.</summary>
    public static IReadOnlyList<OptionMistake> Validate(IReadOnlyList<ObjectRule> rules)
    {
        var mistakes = rules.SelectMany((rule, index) => rule.Validate().Select(mistake => mistake with { Option = $"[{index}].{mistake.Option}" })).ToList();
        // Two rules may match one file, and an upload must not fail for what each of them may say.
        var tags = rules.SelectMany(rule => rule.Options.Tags.Keys).Distinct().Count();
        if (tags > ObjectOptionsValidator.MaxTags && rules.All(rule => rule.Options.Tags.Count <= ObjectOptionsValidator.MaxTags))
            mistakes.Add(new("tags", $"all rules together name {tags} different keys; an object has {ObjectOptionsValidator.MaxTags} at most."));
        return mistakes;
    }

    /// <summary>How the object of a file is stored: the options of all rules that match, later ones over earlier ones; tags and metadata
    /// are merged name by name, encryption and callback are taken whole.</summary>
    /// <param name="relativeKey">Key below the drive's prefix.</param>
    public ObjectOptions OptionsFor(string relativeKey)
    {
        var options = ObjectOptions.None;
        foreach (var (pattern, more) in _rules)
        {
            if (pattern.Matches(relativeKey)) options = Merge(options, more);
        }

        return options.ContentType is null && _contentTypeOf(relativeKey) is { } type ? options with { ContentType = type } : options;
    }

    private static ObjectOptions Merge(ObjectOptions options, ObjectOptions more) => new()
    {
        ContentType = more.ContentType ?? options.ContentType,
        CacheControl = more.CacheControl ?? options.CacheControl,
        ContentDisposition = more.ContentDisposition ?? options.ContentDisposition,
        ContentEncoding = more.ContentEncoding ?? options.ContentEncoding,
        Metadata = Merge(options.Metadata, more.Metadata),
        Acl = more.Acl ?? options.Acl,
        StorageClass = more.StorageClass ?? options.StorageClass,
        Tags = Merge(options.Tags, more.Tags),
        Encryption = more.Encryption ?? options.Encryption,
        Callback = more.Callback ?? options.Callback,
    };

    private static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> values, IReadOnlyDictionary<string, string> more)
    {
        if (values.Count == 0) return more;
        if (more.Count == 0) return values;
        var merged = values.ToDictionary();
        foreach (var (name, value) in more) merged[name] = value;
        return merged;
    }
}
