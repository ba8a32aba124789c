using System.Globalization;
using System.Text;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Hosting;

/// <summary>The service of an agent as systemd is told of it.</summary>
internal sealed record SystemdUnit
{
    /// <summary>Name of the unit.</summary>
    public const string Name = "syncagent.service";

    /// <summary>What systemd allows beyond the time that writers get, before the agent asks for more.</summary>
    private static readonly TimeSpan StopMargin = TimeSpan.FromSeconds(30);

    /// <summary>State folder of the machine's service where the configuration names none.</summary>
    public const string MachineState = "/var/lib/syncagent";

    private const string OwnSection = "[X-SyncAgent]";
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
        var option = System ? " --system" : "";
        var environment = new StringBuilder();
        foreach (var (name, value) in Variables) environment.Append(CultureInfo.InvariantCulture, $"Environment={Quote($"{name}={value}")}\n");
        if (EnvironmentFile is not null) environment.Append(CultureInfo.InvariantCulture, $"EnvironmentFile={EscapePercent(EnvironmentFile)}\n");
        var needs = string.Join(' ', Needs.Distinct().Select(Quote));
        return Fill(
                System, string.Join(' ', Program.Select(QuoteWord)), StopTimeout,
                origin: $"Written by \"syncagent service install{option}\": installing again replaces it, \"syncagent service uninstall{option}\" removes it.",
                condition: "", requires: needs.Length == 0 ? "" : $"RequiresMountsFor={needs}\n",
                options: $"--config {QuoteWord(Config)} --state {QuoteWord(State)}", environment.ToString())
            + $"\n{OwnSection}\n{StateLine}{State}\n{ConfigLine}{Config}\n";
    }

    /// <summary>The unit file that a package brings: for whoever it is started by, with the configuration and the state folder where they are looked
    /// for when nobody says where. Without a configuration it does not start, and that is no failure.</summary>
    /// <param name="system">Whether it is the machine's.</param>
    /// <param name="program">Absolute path of the installed program.</param>
    public static string RenderForPackage(bool system, string program)
    {
        // %E: /etc, or the user's own place of configurations.
        const string Folder = "%E/syncagent";
        return Fill(
            system, QuoteWord(program), AgentSettings.DefaultStopTimeout,
            origin: $"Part of the package syncagent. It mounts the drives of {(system ? "/etc" : "~/.config")}/syncagent/config.json. Keys that come from\n# the environment stand in the file \"environment\" beside it (mode 600), NAME=VALUE.",
            condition: $"ConditionPathExists={Folder}/config.json\n", requires: system ? $"RequiresMountsFor={Folder} {MachineState}\n" : "",
            options: $"--config {Folder}/config.json",
            environment: (system ? $"Environment=XDG_STATE_HOME={Path.GetDirectoryName(MachineState)}\n" : "") + $"EnvironmentFile=-{Folder}/environment\n");
    }

    /// <summary>State folder and configuration of a unit file that <see cref="Render"/> made; null where it is none of ours.</summary>
    public static (string State, string Config)? TryRead(string text)
    {
        var lines = text.Split('\n').SkipWhile(line => line != OwnSection).Skip(1).ToList();
        var state = lines.Find(line => line.StartsWith(StateLine, StringComparison.Ordinal));
        var config = lines.Find(line => line.StartsWith(ConfigLine, StringComparison.Ordinal));
        return state is null || config is null ? null : (state[StateLine.Length..], config[ConfigLine.Length..]);
    }

    private static string Fill(
        bool system, string program, TimeSpan stopTimeout, string origin, string condition, string requires, string options, string environment)
    {
        var stop = Math.Ceiling(stopTimeout.TotalSeconds);
        return Template(system ? "syncagent-system.service.in" : "syncagent-user.service.in")
            .Replace("@ORIGIN@", origin, StringComparison.Ordinal)
            .Replace("@CONDITION@\n", condition, StringComparison.Ordinal)
            .Replace("@REQUIRES@\n", requires, StringComparison.Ordinal)
            .Replace("@EXEC@", program, StringComparison.Ordinal)
            .Replace("@OPTIONS@", options, StringComparison.Ordinal)
            .Replace("@ENVIRONMENT@\n", environment, StringComparison.Ordinal)
            .Replace("@STOP_SECONDS@", stop.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@STOP_LIMIT@", (stop + StopMargin.TotalSeconds).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
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
