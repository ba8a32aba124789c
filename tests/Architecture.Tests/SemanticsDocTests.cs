using System.Reflection;
using System.Text.RegularExpressions;

namespace SyncAgent.Architecture.Tests;

/// <summary>Every heading of docs/semantics.md and docs/security.md, every row of its table of calls, and every row of docs/vendor-features.md names the tests that
/// prove it, and they exist.</summary>
public sealed partial class SemanticsDocTests
{
    private static readonly string Root = typeof(SemanticsDocTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static TheoryData<string> Sections => new(
        ((string[])["docs/semantics.md", "docs/security.md"]).SelectMany(file => File.ReadAllText(Path.Combine(Root, file)).Split("\n## ").Skip(1)));

    public static TheoryData<string> Rows => new(
        File.ReadLines(Path.Combine(Root, "docs/vendor-features.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| document", StringComparison.Ordinal)));

    public static TheoryData<string> Calls => new(
        File.ReadLines(Path.Combine(Root, "docs/semantics.md")).SkipWhile(line => line != "## Calls")
            .TakeWhile((line, index) => index == 0 || !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| call", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Sections))]
    public void Every_promise_names_tests_that_exist(string section)
    {
        var proof = section.IndexOf("Proved by:", StringComparison.Ordinal);
        Assert.True(proof >= 0, "no proof is named");
        AssertTestsExist(section[proof..]);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Every_feature_names_tests_that_exist(string row) => AssertTestsExist(row);

    [Theory]
    [MemberData(nameof(Calls))]
    public void Every_call_names_tests_that_exist(string row) => AssertTestsExist(row);

    private static void AssertTestsExist(string text)
    {
        var named = TestName().Matches(text).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        var sources = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.EndsWith("SemanticsDocTests.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToList();
        foreach (var name in named) Assert.True(sources.Exists(source => source.Contains($" {name}(", StringComparison.Ordinal)), name);
    }

    [GeneratedRegex("`([A-Z][A-Za-z0-9_]*_[A-Za-z0-9_]+)`")]
    private static partial Regex TestName();
}
