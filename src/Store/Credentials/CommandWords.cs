using System.Text;

namespace SyncAgent.Store;

/// <summary>Splits a command line into words: at spaces and tabs outside quotes. Single quotes keep everything as it is; inside double
/// quotes, and outside any, a backslash takes the next character as it is (not on Windows, where it separates folders).</summary>
internal static class CommandWords
{
    /// <summary>The words, at least one.</summary>
    /// <exception cref="ArgumentException">No word, or a quote that is never closed.</exception>
    public static IReadOnlyList<string> Split(string command) =>
        TrySplit(command) is { Count: > 0 } words
            ? words
            : throw new ArgumentException("The credentials command is empty or has a quote that is never closed.", nameof(command));

    /// <summary>The words, or null when a quote is never closed.</summary>
    public static IReadOnlyList<string>? TrySplit(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var begun = false;
        char? quote = null;
        for (var i = 0; i < command.Length; i++)
        {
            var c = command[i];
            if (c == '\\' && quote != '\'' && i + 1 < command.Length && !OperatingSystem.IsWindows())
            {
                word.Append(command[++i]);
                begun = true;
            }
            else if (c == quote)
            {
                quote = null;
            }
            else if (quote is null && c is '"' or '\'')
            {
                quote = c;
                begun = true;
            }
            else if (quote is null && c is ' ' or '\t')
            {
                if (begun) words.Add(word.ToString());
                word.Clear();
                begun = false;
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (quote is not null) return null;
        if (begun) words.Add(word.ToString());
        return words;
    }
}
