using System.Reflection;
using System.Text.RegularExpressions;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Tests;

/// <summary>docs/configuration.md and the reader of the configuration file know the same keys.</summary>
public sealed partial class ConfigDocTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(
        typeof(ConfigDocTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!,
        "docs/configuration.md"));

    [Theory]
    [InlineData("A drive", "drives[0]")]
    [InlineData("Connection", "drives[0]")]
    [InlineData("Options of objects", "drives[0].objects[0]")]
    [InlineData("Transfer and limits", "transfer", "limits")]
    [InlineData("Metrics and log", "metrics", "log")]
    public void Every_key_of_a_table_is_known(string heading, params string[] sections)
    {
        var documented = Keys(heading);
        Assert.True(documented.Count > 5, "the table was not found");
        Assert.Empty(documented.Except(sections.SelectMany(Known)));
    }

    [Fact]
    public void Every_key_of_a_source_of_keys_is_known()
    {
        var documented = Section("Credentials").Split('\n').Where(line => line.StartsWith('|'))
            .SelectMany(line => Quoted().Matches(line)).Select(match => match.Groups[1].Value)
            .Except(["env", "file", "process", "ecs", "assume-role"]).ToHashSet();
        Assert.Equal(Known("drives[0].credentials").Order(), documented.Order());
    }

    [Theory]
    [InlineData("")]
    [InlineData("drives[0]")]
    [InlineData("drives[0].objects[0]")]
    [InlineData("drives[0].objects[0].encryption")]
    [InlineData("drives[0].objects[0].callback")]
    [InlineData("drives[0].credentials")]
    [InlineData("transfer")]
    [InlineData("limits")]
    [InlineData("metrics")]
    [InlineData("log")]
    [InlineData("limits.timetable[0]")]
    public void Every_known_key_is_documented(string section) => Assert.All(
        Known(section), key => Assert.True(
            Document.Contains($"`{key}`", StringComparison.Ordinal) || Document.Contains($"\"{key}\"", StringComparison.Ordinal), $"{key} is not documented"));

    /// <summary>The keys that a section may have: the reader lists them to whoever misspells one.</summary>
    private static IReadOnlyList<string> Known(string section)
    {
        const string misspelt = "no-such-key";
        var json = $$"""{ "{{misspelt}}": 1 }""";
        foreach (var step in section.Split('.', StringSplitOptions.RemoveEmptyEntries).Reverse())
            json = step.EndsWith("[0]", StringComparison.Ordinal) ? $$"""{ "{{step[..^3]}}": [ {{json}} ] }""" : $$"""{ "{{step}}": {{json}} }""";
        var mistakes = new List<string>();
        ConfigFile.Parse(json, "/", mistakes);
        var begin = $"$.{section}{(section.Length > 0 ? "." : "")}{misspelt}: unknown; expected one of ";
        var mistake = Assert.Single(mistakes, mistake => mistake.StartsWith(begin, StringComparison.Ordinal));
        return mistake[begin.Length..^1].Split(", ");
    }

    /// <summary>What stands between backquotes in the first column of a section's tables.</summary>
    private static HashSet<string> Keys(string heading) =>
    [
        .. Section(heading).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Spans().Matches(line.Split('|')[1])).Select(match => match.Groups[1].Value),
    ];

    private static string Section(string heading) => Document.Split("\n## ").Single(section => section.StartsWith(heading + "\n", StringComparison.Ordinal));

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Spans();

    [GeneratedRegex("\"([A-Za-z-]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();
}
