namespace SyncAgent.Bench.Report;

/// <summary>The part of a document that a program writes; what people wrote around it stays.</summary>
internal static class Section
{
    /// <summary>Replaces what an earlier run wrote, or adds it at the end; makes the document when there is none.</summary>
    /// <param name="path">The document.</param>
    /// <param name="writer">The command that writes the section, which tells it from others.</param>
    /// <param name="text">Markdown.</param>
    public static void Replace(string path, string writer, string text)
    {
        var (begin, end) = ($"<!-- written by {writer}: begin -->", $"<!-- written by {writer}: end -->");
        var section = $"{begin}\n\n{text.Trim()}\n\n{end}";
        var before = File.Exists(path) ? File.ReadAllText(path) : "# Figures\n";
        var (from, to) = (before.IndexOf(begin, StringComparison.Ordinal), before.IndexOf(end, StringComparison.Ordinal));
        File.WriteAllText(path, from >= 0 && to > from ? before[..from] + section + before[(to + end.Length)..] : $"{before.TrimEnd()}\n\n{section}\n");
    }
}
