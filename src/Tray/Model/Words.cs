using System.Globalization;
using System.Text;

namespace SyncAgent.Tray.Model;

/// <summary>Figures and names for people, as the command line writes them.</summary>
internal static class Words
{
    private const char Replacement = '\uFFFD';
    private const string Ellipsis = "…";

    /// <summary>One figure after the point and a binary unit.</summary>
    public static string Size(long bytes)
    {
        string[] names = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        double value = bytes;
        var unit = 0;
        for (; Math.Abs(value) >= 1024 && unit < names.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {names[unit]}");
    }

    /// <summary>Whole per cent, 100 only when nothing is left.</summary>
    public static long Percent(long sent, long total) => total <= 0 || sent >= total ? 100 : (long)((decimal)Math.Max(sent, 0) * 100 / total);

    /// <summary>"1 file", "2 files".</summary>
    public static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");

    /// <summary>A name that fits into a line of a menu: no control characters, and its middle left out where it is too long, for it is told from
    /// others by its beginning and its ending.</summary>
    public static string Name(string text, int most = 40)
    {
        var line = OneLine(text);
        if (line.Length <= most) return line;
        var tail = most / 3;
        return Head(line, most - tail - Ellipsis.Length) + Ellipsis + Tail(line, tail);
    }

    /// <summary>A sentence that fits into a line of a menu: no control characters, and its end left out where it is too long.</summary>
    public static string Sentence(string text, int most = 72)
    {
        var line = OneLine(text);
        return line.Length <= most ? line : Head(line, most - Ellipsis.Length) + Ellipsis;
    }

    /// <summary>The last part of a path, of whichever system.</summary>
    public static string NameOf(string path)
    {
        var trimmed = path.TrimEnd('/', '\\');
        var name = trimmed[(trimmed.LastIndexOfAny(Separators) + 1)..];
        return Name(name.Length > 0 ? name : path);
    }

    /// <summary>The folder that a path is in, of whichever system.</summary>
    public static string FolderOf(string path) => path.LastIndexOfAny(Separators) is > 0 and var slash ? path[..slash] : path;

    private static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) line.Append(Rune.IsControl(rune) ? Replacement.ToString() : rune.ToString());
        return line.ToString();
    }

    // Half of a surrogate pair is no character.
    private static string Head(string text, int length) => text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    private static string Tail(string text, int length) => text[^(char.IsLowSurrogate(text[^length]) ? length - 1 : length)..];

    private static readonly char[] Separators = OperatingSystem.IsWindows() ? ['/', '\\'] : ['/'];
}
