using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Configuration;

/// <summary>Whether the machine is kept from shutting down while something is still to be sent (systemd-logind).</summary>
internal enum ShutdownInhibition
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>For as long as logind lets anybody delay it (InhibitDelayMaxSec, 5 s by default).</summary>
    Delay,

    /// <summary>Until it is sent: the desktop names the reason and asks its user.</summary>
    Block,
}

/// <summary>How an agent ends, and what it may ask of its machine; null where the default holds.</summary>
internal sealed record AgentSettings
{
    /// <summary>How long the end of a drive waits by default for programs that write to it.</summary>
    public static readonly TimeSpan DefaultStopTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long the end of a drive waits for programs that write to it.</summary>
    public TimeSpan? StopTimeout { get; init; }

    /// <summary>Whether shutdowns wait for uploads.</summary>
    public ShutdownInhibition? InhibitShutdown { get; init; }

    /// <summary>What it tells operators' tools.</summary>
    public MetricsSettings Metrics { get; init; } = new();

    /// <summary>What it logs.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>These settings, and where they say nothing those of <paramref name="other"/>.</summary>
    public AgentSettings Or(AgentSettings other) => new()
    {
        StopTimeout = StopTimeout ?? other.StopTimeout,
        InhibitShutdown = InhibitShutdown ?? other.InhibitShutdown,
        Metrics = Metrics.Or(other.Metrics),
        Log = Log.Or(other.Log),
    };

    /// <summary>What is given at the top of the configuration file, or on the command line.</summary>
    public static AgentSettings Read(GivenValues given) => new()
    {
        StopTimeout = given.Value(AgentKeys.StopTimeout),
        InhibitShutdown = given.Value(AgentKeys.InhibitShutdown),
        Metrics = given.Section(AgentKeys.Metrics) is { } metrics ? MetricsSettings.Read(metrics) : new(),
        Log = given.Section(AgentKeys.Log) is { } log ? LogSettings.Read(log) : new(),
    };
}
