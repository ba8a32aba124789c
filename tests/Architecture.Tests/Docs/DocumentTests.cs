using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.RegularExpressions;
using SyncAgent.Agent.Cli;

namespace SyncAgent.Architecture.Tests.Docs;

/// <summary>What the documentation points to is there: pages and headings, commands with their options, scripts, files.</summary>
public sealed partial class DocumentTests
{
    private static readonly Dictionary<string, MarkdownPage> Pages = Repository.Documents.ToDictionary(path => path, path => new MarkdownPage(path), StringComparer.Ordinal);

    private static readonly HashSet<string> Entries = [.. Repository.Entries];

    private static readonly RootCommand Program = CommandLine.Build(new CliContext { Out = TextWriter.Null, Error = TextWriter.Null, Environment = _ => null });

    /// <summary>What stands for a value in the synopsis of a command, and a value that fits.</summary>
    private static readonly Dictionary<string, string> Values = new(StringComparer.Ordinal)
    {
        ["SIZE"] = "1MiB", ["SECONDS"] = "1", ["N"] = "1", ["COUNT"] = "1",
    };

    public static TheoryData<string> Documents => new(Repository.Documents);

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_lead_somewhere(string document) => AssertNone(Pages[document].Links.Where(link => !Leads(Pages[document], link)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_are_the_programs_own(string document)
    {
        var page = Pages[document];
        var wrong = new List<string>();
        var seen = 0;
        foreach (var line in page.BlockLines)
        {
            if (CommandIn().Match(line) is not { Success: true } found) continue;
            seen++;
            if (Parse(found.Groups[1].Value).Errors is { Count: > 0 } errors) wrong.Add($"{line}: {errors[0].Message}");
        }

        // In running text arguments may be left out, and what is named need not be all of it.
        foreach (var span in page.Spans.Where(IsCommand))
        {
            seen++;
            var parsed = Parse(CommandIn().Replace(span, "$1"));
            var unknown = parsed.UnmatchedTokens.Concat(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Select(token => token.Value).Where(value => value.StartsWith('-'))).ToList();
            if (unknown.Count > 0) wrong.Add($"{span}: {string.Join(' ', unknown)}");
        }

        AssertNone(wrong);
        Assert.True(seen > 30 || document != "docs/operations.md", "the commands were not found");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Scripts_and_their_options_are_there(string document)
    {
        var wrong = new List<string>();
        foreach (var line in Pages[document].BlockLines.Concat(Pages[document].Spans))
        {
            foreach (Match call in Script().Matches(line))
            {
                var scripts = Entries.Where(path => path == call.Groups[1].Value || path == $"installer/linux/{call.Groups[1].Value}").ToList();
                if (scripts.Count == 0) wrong.Add(call.Groups[1].Value);
                var text = string.Concat(scripts.Select(Repository.Read));
                wrong.AddRange(Option().Matches(call.Groups[2].Value).Select(option => option.Value)
                    .Where(option => !Regex.IsMatch(text, $@"{option}(?![\w-])")).Select(option => $"{call.Groups[1].Value} {option}"));
            }
        }

        AssertNone(wrong);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Files_are_there(string document) => AssertNone(Pages[document].Spans.Where(span => LooksLikeAFile(span) && !IsThere(span)));

    private static void AssertNone(IEnumerable<string> wrong)
    {
        var all = string.Join('\n', wrong);
        Assert.True(all.Length == 0, all);
    }

    private static bool Leads(MarkdownPage from, string link)
    {
        if (link.Contains("://", StringComparison.Ordinal)) return true;
        var (file, anchor) = link.Split('#') is [var name, var heading] ? (name, heading) : (link, null);
        var folder = Path.GetDirectoryName(from.Path)!;
        var path = file.Length == 0 ? from.Path : Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, folder, file))).TrimEnd('/');
        return Entries.Contains(path) && (anchor is null || (Pages.TryGetValue(path, out var page) && page.Anchors.Contains(anchor)));
    }

    /// <summary>Whether a piece of running text is a command line: begins with the program, or with one of its commands and has an option.</summary>
    private static bool IsCommand(string span) => CommandIn().Match(span) is { Success: true, Index: 0 }
        || (span.Contains(" --", StringComparison.Ordinal) && Program.Subcommands.Any(command => span.StartsWith(command.Name + " ", StringComparison.Ordinal)));

    /// <summary>Parses a line as one writes it for people: with brackets around what may be left out, "|" between alternatives, and words in
    /// capitals for values.</summary>
    private static ParseResult Parse(string line)
    {
        var end = Remainder().Match(line);
        var words = CommandLineParser.SplitCommandLine((end.Success ? line[..end.Index] : line).Replace("[", "", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal))
            .Where(word => word is not ("..." or "…" or "COMMAND"))
            .Select(word => word.Split('|')[0])
            .Select(word => Values.GetValueOrDefault(word, word));
        return Program.Parse([.. words]);
    }

    // Below a folder of the checkout; or names that begin in capitals, as those of our sources and projects do; or a script or source by its name.
    private static bool LooksLikeAFile(string span) => TopFolder().IsMatch(span) || SourcePath().IsMatch(span) || SourceFile().IsMatch(span);

    private static bool IsThere(string span)
    {
        var path = span.TrimStart('.').Trim('/');
        if (TopFolder().IsMatch(span)) return Entries.Contains(path);
        // A type that is in several files has "Type.What.cs".
        return Entries.Any(entry => $"/{entry}".EndsWith($"/{path}", StringComparison.Ordinal) || $"/{entry}".EndsWith($"/{path}.cs", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^(?:[$#] )?(?:sudo )?(?:[\w./~-]*/)?syncagent(?: |$)(.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex CommandIn();

    [GeneratedRegex(@"\s#|\s[|>&;]|;\s", RegexOptions.CultureInvariant)]
    private static partial Regex Remainder();

    [GeneratedRegex(@"(?:^|\s)\./([\w/-]+\.sh)([^#;|&]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Script();

    [GeneratedRegex(@"--[\w-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Option();

    [GeneratedRegex(@"^(?:\./)?(?:src|tests|docs|eng|bench|installer)/[\w./-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex TopFolder();

    [GeneratedRegex(@"^(?:[A-Z]+[a-z0-9][\w.]*/)+(?:[A-Z]+[a-z0-9][\w.]*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"^[\w-]+\.(?:sh|cs|mjs|csproj|props)$", RegexOptions.CultureInvariant)]
    private static partial Regex SourceFile();
}
