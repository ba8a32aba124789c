using System.Text;

namespace SyncAgent.Agent.Cli;

/// <summary>Names for a terminal. Whoever writes to a bucket chooses its keys: control characters in them must not reach the terminal.</summary>
internal static class Printable
{
    /// <summary>The text with <c>?</c> for each control character, as ls has it.</summary>
    public static string Of(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var shown = new StringBuilder(text.Length);
        foreach (var character in text) shown.Append(char.IsControl(character) ? '?' : character);
        return shown.ToString();
    }
}
