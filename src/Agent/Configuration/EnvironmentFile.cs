namespace SyncAgent.Agent.Configuration;

/// <summary>A file of environment variables as systemd reads it (EnvironmentFile=): lines NAME=VALUE, comments, quotes.</summary>
internal static class EnvironmentFile
{
    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Reads the variables. A file that cannot be read, or that others can, is a mistake.</summary>
    public static Dictionary<string, string> Read(string path, ICollection<string> mistakes)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & OfOthers) != 0)
                mistakes.Add($"{path}: other users may read or change it; run \"chmod 600 {path}\".");
            foreach (var line in File.ReadLines(path))
            {
                var text = line.Trim();
                if (text.Length == 0 || text[0] is '#' or ';' || text.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var at)) continue;
                variables[text[..at].Trim()] = Unquote(text[(at + 1)..].Trim());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{path}: {e.Message}");
        }

        return variables;
    }

    private static string Unquote(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
