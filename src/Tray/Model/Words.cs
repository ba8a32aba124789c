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

    /// <summary>A text that fits into a line of a menu: no control characters, and its middle left out where it is too long.</summary>
    public static string Fit(string text, int most = 48)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) line.Append(Rune.IsControl(rune) ? Replacement.ToString() : rune.ToString());
        if (line.Length <= most) return line.ToString();
        var whole = line.ToString();
        var tail = most / 3;
        var head = most - tail - Ellipsis.Length;
        // Half of a surrogate pair is no character.
        if (char.IsHighSurrogate(whole[head - 1])) head--;
        if (char.IsLowSurrogate(whole[^tail])) tail--;
        return whole[..head] + Ellipsis + whole[^tail..];
    }

    /// <summary>The last part of a path, of whichever system.</summary>
    public static string NameOf(string path)
    {
        var trimmed = path.TrimEnd('/', '\\');
        var name = trimmed[(trimmed.LastIndexOfAny(Separators) + 1)..];
        return Fit(name.Length > 0 ? name : path);
    }

    /// <summary>The folder that a path is in, of whichever system.</summary>
    public static string FolderOf(string path) => path.LastIndexOfAny(Separators) is > 0 and var slash ? path[..slash] : path;

    private static readonly char[] Separators = OperatingSystem.IsWindows() ? ['/', '\\'] : ['/'];
}
