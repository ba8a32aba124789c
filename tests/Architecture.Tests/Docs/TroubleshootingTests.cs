using System.Text.RegularExpressions;

namespace SyncAgent.Architecture.Tests.Docs;

/// <summary>docs/troubleshooting.md quotes messages as the program has them.</summary>
public sealed partial class TroubleshootingTests
{
    /// <summary>Between two fixed parts of a message there is no more than an expression or two.</summary>
    private const int LongestGap = 200;

    private static readonly IReadOnlyList<string> Sources =
    [
        .. Repository.Entries.Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal)).Select(path => Plain(Repository.Read(path))),
    ];

    public static TheoryData<string> Quotes => new(
        Repository.Read("docs/troubleshooting.md").Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Quote().Matches(line[..line.IndexOf(" | ", StringComparison.Ordinal)])).Select(match => match.Groups[1].Value).Distinct());

    [Theory]
    [MemberData(nameof(Quotes))]
    public void A_quoted_message_is_in_the_sources(string quote)
    {
        var parts = quote.Split('…', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Trim()).Where(part => part.Length > 0).ToList();
        Assert.Contains(parts, part => part.Any(char.IsLetter));
        var pattern = string.Join($"[\\s\\S]{{0,{LongestGap}}}?", parts.Select(Regex.Escape));
        Assert.True(Sources.Any(source => source.Contains(parts[0], StringComparison.Ordinal) && Regex.IsMatch(source, pattern, RegexOptions.CultureInvariant)), quote);
    }

    /// <summary>Without comments; with literals that are joined, or follow each other as a message and its remedy do, as one.</summary>
    private static string Plain(string source) => Seam().Replace(Comment().Replace(source, ""), match => match.Groups[1].Value == "+" ? "" : " ").Replace("\\\"", "\"", StringComparison.Ordinal);

    [GeneratedRegex("`([^`]+)`", RegexOptions.CultureInvariant)]
    private static partial Regex Quote();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"(?<!\\)""\s*([,+])\s*\$?""", RegexOptions.CultureInvariant)]
    private static partial Regex Seam();
}
