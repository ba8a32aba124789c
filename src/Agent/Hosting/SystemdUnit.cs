using System.Globalization;
using System.Text;

namespace SyncAgent.Agent.Hosting;

/// <summary>The service of an agent as systemd is told of it.</summary>
internal sealed record SystemdUnit
{
    /// <summary>Name of the unit.</summary>
    public const string Name = "syncagent.service";

    /// <summary>What systemd allows beyond the time that writers get, before the agent asks for more.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(30);

    private const string StateLine = "State=";
    private const string ConfigLine = "Config=";

    /// <summary>Whether it is the machine's, run by root, or one user's.</summary>
    public required bool System { get; init; }

    /// <summary>The program and what comes before its arguments.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    /// <summary>Configuration file, absolute.</summary>
    public required string Config { get; init; }

    /// <summary>State folder, absolute.</summary>
    public required string State { get; init; }

    /// <summary>File with variables, absolute, or null.</summary>
    public string? EnvironmentFile { get; init; }

    /// <summary>Variables that are no secret.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders whose file systems must be mounted first.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>How long the end waits for writers.</summary>
    public required TimeSpan StopTimeout { get; init; }

    /// <summary>The unit file.</summary>
    public string Render()
    {
        var stop = Math.Ceiling(StopTimeout.TotalSeconds);
        var environment = new StringBuilder();
        foreach (var (name, value) in Variables) environment.Append(CultureInfo.InvariantCulture, $"Environment={Quote($"{name}={value}")}\n");
        if (EnvironmentFile is not null) environment.Append(CultureInfo.InvariantCulture, $"EnvironmentFile={EscapePercent(EnvironmentFile)}\n");
        var needs = string.Join(' ', Needs.Distinct().Select(Quote));
        return Template(System ? "syncagent-system.service.in" : "syncagent-user.service.in")
            .Replace("@EXEC@", string.Join(' ', Program.Select(QuoteWord)), StringComparison.Ordinal)
            .Replace("@CONFIG@", QuoteWord(Config), StringComparison.Ordinal)
            .Replace("@STATE@", QuoteWord(State), StringComparison.Ordinal)
            .Replace("@REQUIRES@\n", needs.Length == 0 ? "" : $"RequiresMountsFor={needs}\n", StringComparison.Ordinal)
            .Replace("@ENVIRONMENT@\n", environment.ToString(), StringComparison.Ordinal)
            .Replace("@STOP_SECONDS@", stop.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@STOP_LIMIT@", (stop + StopMargin.TotalSeconds).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@STATE_PLAIN@", State, StringComparison.Ordinal)
            .Replace("@CONFIG_PLAIN@", Config, StringComparison.Ordinal);
    }

    /// <summary>State folder and configuration of a unit file that <see cref="Render"/> made; null where it is none of ours.</summary>
    public static (string State, string Config)? TryRead(string text)
    {
        var lines = text.Split('\n').SkipWhile(line => line != "[X-SyncAgent]").Skip(1).ToList();
        var state = lines.Find(line => line.StartsWith(StateLine, StringComparison.Ordinal));
        var config = lines.Find(line => line.StartsWith(ConfigLine, StringComparison.Ordinal));
        return state is null || config is null ? null : (state[StateLine.Length..], config[ConfigLine.Length..]);
    }

    // A command line of systemd: quotes, backslashes, and its own % and $.
    private static string QuoteWord(string word) => Quote(word).Replace("$", "$$", StringComparison.Ordinal);

    private static string Quote(string word) =>
        $"\"{EscapePercent(word).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static string EscapePercent(string text) => text.Replace("%", "%%", StringComparison.Ordinal);

    private static string Template(string name)
    {
        using var stream = typeof(SystemdUnit).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is missing.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
