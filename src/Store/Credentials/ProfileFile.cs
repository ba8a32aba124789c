namespace SyncAgent.Store;

/// <summary>The INI files of ossutil and of AWS's tools: sections, each a profile, with <c>name = value</c> lines. Comments begin with
/// "#" or ";" at the start of a line. What else stands in it is those tools' own and is passed over.</summary>
internal static class ProfileFile
{
    /// <summary>Profiles by name; names of values as written.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Parse(IEnumerable<string> lines)
    {
        var profiles = new Dictionary<string, IReadOnlyDictionary<string, string>>(StringComparer.Ordinal);
        Dictionary<string, string>? current = null;
        foreach (var line in lines.Select(line => line.Trim()))
        {
            if (line.Length == 0 || line[0] is '#' or ';') continue;
            if (line[0] == '[' && line[^1] == ']')
            {
                // AWS's config file says "[profile name]", its credentials file "[name]".
                var name = line[1..^1].Trim();
                if (name.StartsWith("profile ", StringComparison.Ordinal)) name = name["profile ".Length..].Trim();
                current = profiles.TryGetValue(name, out var known) ? (Dictionary<string, string>)known : [];
                profiles[name] = current;
            }
            else if (current is not null && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
            {
                current[line[..at].TrimEnd()] = line[(at + 1)..].TrimStart();
            }
        }

        return profiles;
    }
}
