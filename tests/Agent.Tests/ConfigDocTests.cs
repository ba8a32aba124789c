using System.Reflection;
using System.Text.RegularExpressions;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Tests;

/// <summary>Keys of the configuration file are declared once: reader, options, reference and the examples of the documentation go by that.</summary>
public sealed partial class ConfigDocTests
{
    internal static readonly string Root = typeof(ConfigDocTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    private static readonly string Docs = Path.Combine(Root, "docs");

    public static TheoryData<string> DeclaredKeys => new(Paths(AgentKeys.Group, "", []).Select(key => key.Path));

    public static TheoryData<string> Examples => new(
        JsonBlock().Matches(File.ReadAllText(Path.Combine(Docs, "configuration.md"))).Select(match => match.Groups[1].Value));

    [Fact]
    public async Task The_reference_is_what_the_program_prints()
    {
        var cli = new Support.Cli();
        Assert.Equal(ExitCodes.Ok, await cli.RunAsync("config", "reference"));
        Assert.True(
            cli.Out == await File.ReadAllTextAsync(Path.Combine(Docs, "configuration-reference.md"), TestContext.Current.CancellationToken),
            "docs/configuration-reference.md is out of date; renew it: artifacts/syncagent config reference > docs/configuration-reference.md");
    }

    [Theory]
    [MemberData(nameof(DeclaredKeys))]
    public void Every_declared_key_is_read(string path)
    {
        // A list in a list is what no key may have.
        var mistakes = new List<string>();
        ConfigFile.Parse(At(path, "[[1]]"), "/", mistakes);
        Assert.Contains(mistakes, mistake => mistake.StartsWith($"$.{path}: expected ", StringComparison.Ordinal) || mistake.StartsWith($"$.{path}[0]: expected ", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_option_of_a_key_is_one_of_mount_and_says_what_the_reference_says()
    {
        var mount = CommandLine.Build(new Support.Cli().Context).Subcommands.Single(command => command.Name == "mount");
        var keys = Paths(AgentKeys.Group, "", []).Select(key => key.Key).Where(key => key.Option is not null).DistinctBy(key => key.Option).ToList();
        Assert.True(keys.Count > 30);
        Assert.All(keys, key => Assert.Equal(key.Help, mount.Options.Single(option => option.Name == key.Option).Description));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Examples_have_no_mistake(string example)
    {
        var mistakes = new List<string>();
        ConfigFile.Parse(Whole(example), "/", mistakes);
        Assert.Empty(mistakes);
    }

    /// <summary>A file with a value at a path.</summary>
    internal static string At(string path, string value)
    {
        foreach (var step in path.Split('.').Reverse())
            value = step.EndsWith("[0]", StringComparison.Ordinal) ? $$"""{ "{{step[..^3]}}": [ {{value}} ] }""" : $$"""{ "{{step}}": {{value}} }""";
        return value;
    }

    /// <summary>A file of which an example is all, or some keys at the top or of a drive.</summary>
    internal static string Whole(string example)
    {
        var key = FirstKey().Match(example).Groups[1].Value;
        return example.StartsWith('{') ? example
            : AgentKeys.Group.Find(key) is not null ? $"{{ {example} }}"
            : $$"""{ "drives": [ { "mount": "/mnt/x", "region": "cn-hangzhou", "bucket": "example", {{example}} } ] }""";
    }

    /// <summary>Every key at every place where it may stand; a source of keys below a source of keys is not followed.</summary>
    private static IEnumerable<(string Path, ConfigKey Key)> Paths(ConfigGroup group, string above, IReadOnlyList<ConfigGroup> around)
    {
        foreach (var key in group.Keys)
        {
            yield return (above + key.Name, key);
            if (key.Group is not { } below || around.Contains(below) || below == group) continue;
            foreach (var deeper in Paths(below, $"{above}{key.Name}{(key is SectionsKey ? "[0]" : "")}.", [.. around, group])) yield return deeper;
        }
    }

    [GeneratedRegex("```json\n(.*?)\n```", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("\"([A-Za-z]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex FirstKey();
}
