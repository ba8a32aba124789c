using System.Text;

namespace SyncAgent.Fs.Windows;

/// <summary>
/// Names of the drive as Windows can show them, and back. A character that Windows forbids, the first one of a reserved device name,
/// and a trailing dot or space are moved into the private use area at U+F000, the convention of WSL, Cygwin and Samba; a name that
/// holds such characters already gets U+F0FF before each. So every name has exactly one Windows form and comes back unchanged.
/// </summary>
public static class WindowsNames
{
    private const char First = '\uF000';
    private const char Escape = '\uF0FF';
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
        var shown = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (c is >= First and <= Escape) shown.Append(Escape).Append(c);
            else if (c < ' ' || Forbidden.Contains(c, StringComparison.Ordinal) || (i == name.Length - 1 && c is '.' or ' ')) shown.Append((char)(First + c));
            else shown.Append(c);
        }

        if (IsDevice(name)) shown[0] = (char)(First + name[0]);
        return shown.ToString();
    }

    /// <summary>The drive's name behind a name that Windows gave.</summary>
    public static string FromWindows(string shown)
    {
        ArgumentNullException.ThrowIfNull(shown);
        var name = new StringBuilder(shown.Length);
        for (var i = 0; i < shown.Length; i++)
        {
            var c = shown[i];
            if (c == Escape && i + 1 < shown.Length) name.Append(shown[++i]);
            else if (c is >= First and < Escape) name.Append((char)(c - First));
            else name.Append(c);
        }

        return name.ToString();
    }

    // "CON", "con.txt" and "CON .x" all mean the device.
    private static bool IsDevice(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return Devices.Contains((dot < 0 ? name : name[..dot]).TrimEnd(' '));
    }
}
