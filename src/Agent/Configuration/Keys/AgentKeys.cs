using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Cli;

namespace SyncAgent.Agent.Configuration.Keys;

/// <summary>The keys at the top of the configuration file.</summary>
internal static class AgentKeys
{
    public static readonly ConfigGroup Group = new("The file", "At the top. What is not in `drives` holds for an agent from its start on.");

    public static readonly TextKey Schema = Group.Add(new TextKey("$schema")
    {
        Form = "a path or URL", Meaning = "JSON Schema by which an editor completes and checks the file", Note = "`syncagent config schema` prints it; the program itself does not look at it.",
    });

    public static readonly TextKey State = Group.Add(new TextKey("state")
    {
        Option = "--state", HelpName = "DIR", Form = "a path", Meaning = "state folder", Otherwise = UsualPlaces.State,
        Note = "That of the machine's service is `/var/lib/syncagent`. A path in the file is relative to the file's folder.",
    });

    public static readonly SectionsKey Drives = Group.Add(new SectionsKey("drives", DriveKeys.Group) { Meaning = "the drives" });

    public static readonly SectionKey Transfer = Group.Add(new SectionKey("transfer", TransferKeys.Group) { Meaning = "how files are sent" });

    public static readonly SectionKey Limits = Group.Add(new SectionKey("limits", LimitKeys.Group) { Meaning = "what disk, memory and network may be used for" });

    // A day: longer than any shutdown should take.
    public static readonly SecondsKey StopTimeout = Group.Add(new SecondsKey("stopTimeoutSeconds", 0, 86_400)
    {
        Option = "--stop-timeout", Default = AgentSettings.DefaultStopTimeout, Meaning = "at the end, how long programs that write to a drive may take to close their files",
        Note = "At `unmount`, SIGTERM and the restart of a service; 0 does not wait.",
    });

    public static readonly ChoiceKey<ShutdownInhibition> InhibitShutdown = Group.Add(new ChoiceKey<ShutdownInhibition>(
        "inhibitShutdown", ("off", ShutdownInhibition.Off), ("delay", ShutdownInhibition.Delay), ("block", ShutdownInhibition.Block))
    {
        Option = "--inhibit-shutdown", HelpName = "HOW", Default = ShutdownInhibition.Delay,
        Meaning = "hold up shutdowns while files are on their way and the store answers",
        Note = "On Windows logoffs too. `delay`: as long as systemd-logind (`InhibitDelayMaxSec`, 5 seconds) or Windows lets anybody; `block`: until they are there or the user insists.",
    });

    public static readonly SectionKey Metrics = Group.Add(new SectionKey("metrics", MetricsKeys.Group) { Meaning = "how metrics leave the agent", Otherwise = "not at all" });

    public static readonly SectionKey Log = Group.Add(new SectionKey("log", LogKeys.Group) { Meaning = "what is logged" });
}

/// <summary>The keys of <c>metrics</c>.</summary>
internal static class MetricsKeys
{
    public static readonly ConfigGroup Group = new("Metrics", "Section `metrics` at the top of the file; [operations](operations.md#metrics-and-alerts) says what is in them.");

    public static readonly CountKey Port = Group.Add(new CountKey("port", 1, ushort.MaxValue)
    {
        Otherwise = "none", Meaning = "port of 127.0.0.1 on which everybody on this machine may read them, as Prometheus does",
    });

    public static readonly TextKey Otlp = Group.Add(new TextKey("otlp")
    {
        Form = "a URL", Otherwise = "none", Meaning = "base address of an OpenTelemetry collector", Note = "https unless it is on this machine.",
    });
}

/// <summary>The keys of <c>log</c>.</summary>
internal static class LogKeys
{
    public static readonly ConfigGroup Group = new("Log", "Section `log` at the top of the file.");

    public static readonly ChoiceKey<LogLevel> Level = Group.Add(new ChoiceKey<LogLevel>(
        "level", ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning), ("error", LogLevel.Error))
    {
        Default = LogLevel.Information, Meaning = "lines of this level are written, and what is worse",
    });

    public static readonly ChoiceKey<bool> Json = Group.Add(new ChoiceKey<bool>("format", ("text", false), ("json", true))
    {
        Default = false, Meaning = "lines of text, or an object of JSON a line",
    });

    public static readonly SizeKey FileSize = Group.Add(new SizeKey("fileSize", 64 << 10, 1 << 30)
    {
        Default = LogSettings.DefaultFileSize, Meaning = "size from which on a detached agent begins a new `agent.log`",
    });

    public static readonly CountKey Files = Group.Add(new CountKey("files", 1, 100)
    {
        Default = LogSettings.DefaultFiles, Meaning = "how many full ones are kept beside it",
    });
}
