using System.Text;

namespace SyncAgent.Fs.Windows;

/// <summary>
/// Names of the drive as Windows can show them, and back. A character that Windows forbids, the first one of a reserved device name,
/// and a trailing dot or space are moved into the private use area at U+F000, the convention of WSL, Cygwin and Samba; a name that
/// holds such characters already gets U+F0FF before each. So every name has exactly one Windows form and comes back unchanged.
/// Where names of a folder differ by case only, all but the first have a second form, with U+F0FD and a mark before the extension that tells
/// the case of each letter; it comes back unchanged too (docs/decisions/0014-windows-names.md).
/// </summary>
public static class WindowsNames
{
    /// <summary>Most UTF-16 units of a name that Windows shows.</summary>
    public const int MaxLength = 255;

    private const char First = '\uF000';
    private const char BehindMoved = '\uF080';
    private const char Escape = '\uF0FF';
    private const char CaseMark = '\uF0FD';
    private const string Forbidden = "\"*/:<>?\\|";

    private static readonly HashSet<string> Devices = new(StringComparer.OrdinalIgnoreCase)
    {
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    };

    /// <summary>The name that Windows shows for a name of the drive.</summary>
    public static string ToWindows(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (IsPlain(name)) return name;
        var shown = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c is >= First and <= Escape) shown.Append(Escape).Append(c);
            else if (IsMoved(name, i)) shown.Append((char)(First + c));
            else shown.Append(c);
        }

        if (IsDevice(name)) shown[0] = (char)(First + name[0]);
        return shown.ToString();
    }

    /// <summary>The name that Windows shows for a name of the drive that another one, equal but for case, comes before.</summary>
    public static string ToMarkedWindows(string name)
    {
        var shown = ToWindows(name);
        var dot = shown.LastIndexOf('.');
        return shown.Insert(dot > 0 ? dot : shown.Length, CaseMark + CaseMarks.Describe(name));
    }

    /// <summary>The drive's name behind a name that Windows gave.</summary>
    public static string FromWindows(string shown) => FromWindows(shown, out _);

    /// <summary>The drive's name behind a name that Windows gave, and whether it was marked: then the case counts.</summary>
    public static string FromWindows(string shown, out bool isMarked)
    {
        ArgumentNullException.ThrowIfNull(shown);
        isMarked = false;
        if (!shown.AsSpan().ContainsAnyInRange(First, Escape)) return shown;
        var name = new StringBuilder(shown.Length);
        var mark = default(Range);
        for (var i = 0; i < shown.Length; i++)
        {
            var c = shown[i];
            if (c == Escape && i + 1 < shown.Length)
            {
                name.Append(shown[++i]);
            }
            else if (c == CaseMark && !isMarked && MarkEnd(shown, i + 1) is { } end)
            {
                (isMarked, mark) = (true, (i + 1)..end);
                i = end - 1;
            }
            else
            {
                name.Append(c is >= First and < BehindMoved ? (char)(c - First) : c);
            }
        }

        return isMarked ? CaseMarks.Apply(name.ToString(), shown.AsSpan(mark)) : name.ToString();
    }

    private static int? MarkEnd(string shown, int start)
    {
        var end = start;
        while (end < shown.Length && char.IsAsciiHexDigit(shown[end])) end++;
        return end == shown.Length || shown[end] == '.' ? end : null;
    }

    private static bool IsPlain(string name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] is >= First and <= Escape || IsMoved(name, i)) return false;
        }

        return !IsDevice(name);
    }

    private static bool IsMoved(string name, int at) =>
        name[at] is var c && (c < ' ' || Forbidden.Contains(c, StringComparison.Ordinal) || (at == name.Length - 1 && c is '.' or ' '));

    // "CON", "con.txt" and "CON .x" all mean the device.
    private static bool IsDevice(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        var stem = (dot < 0 ? name.AsSpan() : name.AsSpan(0, dot)).TrimEnd(' ');
        return stem.Length is >= 3 and <= 7 && Devices.GetAlternateLookup<ReadOnlySpan<char>>().Contains(stem);
    }
}
