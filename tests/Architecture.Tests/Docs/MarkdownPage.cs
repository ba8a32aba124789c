using System.Text;
using System.Text.RegularExpressions;

namespace SyncAgent.Architecture.Tests.Docs;

/// <summary>What of a Markdown page can be checked: its links, headings and pieces of code.</summary>
internal sealed partial class MarkdownPage
{
    public MarkdownPage(string path)
    {
        Path = path;
        var fenced = false;
        var prose = new StringBuilder();
        foreach (var line in Repository.Read(path).Split('\n'))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal)) fenced = !fenced;
            else if (fenced) BlockLines.Add(line.Trim());
            else prose.Append(line).Append('\n');
        }

        var text = prose.ToString();
        // A span of code may go on in the next line.
        Spans = [.. CodeSpan().Matches(text).Select(match => match.Groups[1].Value.ReplaceLineEndings(" "))];
        Links = [.. Link().Matches(CodeSpan().Replace(text, "code")).Select(match => match.Groups[1].Value)];
        foreach (Match heading in Heading().Matches(text))
        {
            var slug = SlugOf(heading.Groups[1].Value);
            var number = 0;
            while (!Anchors.Add(number == 0 ? slug : $"{slug}-{number}")) number++;
        }
    }

    /// <summary>Below the checkout.</summary>
    public string Path { get; }

    /// <summary>Where links lead.</summary>
    public IReadOnlyList<string> Links { get; }

    /// <summary>What stands between single backquotes.</summary>
    public IReadOnlyList<string> Spans { get; }

    /// <summary>The lines of fenced blocks.</summary>
    public List<string> BlockLines { get; } = [];

    /// <summary>Its headings, as links name them.</summary>
    public HashSet<string> Anchors { get; } = new(StringComparer.Ordinal);

    // As GitHub does it.
    private static string SlugOf(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"(?<!`)`([^`]+)`(?!`)", RegexOptions.CultureInvariant)]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"\]\(([^)\s]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Heading();
}
