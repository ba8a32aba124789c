using SyncAgent.Agent.Configuration.Keys;

namespace SyncAgent.Agent.Configuration;

/// <summary>How metrics leave the agent; where nothing is given they do not.</summary>
internal sealed record MetricsSettings
{
    /// <summary>Port of the loopback address on which everybody on the machine may read them as Prometheus does.</summary>
    public int? Port { get; init; }

    /// <summary>A collector to which they are sent by OTLP: its base address, as in OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
    public Uri? Otlp { get; init; }

    /// <summary>These settings, and where they say nothing those of <paramref name="other"/>.</summary>
    public MetricsSettings Or(MetricsSettings other) => new() { Port = Port ?? other.Port, Otlp = Otlp ?? other.Otlp };

    /// <summary>Reads the section of a configuration file.</summary>
    public static MetricsSettings Read(ConfigSection section) => new() { Port = section.Value(MetricsKeys.Port), Otlp = ReadCollector(section) };

    private static Uri? ReadCollector(ConfigSection section)
    {
        if (section.Text(MetricsKeys.Otlp) is not { } text) return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var collector) || (collector.Scheme != Uri.UriSchemeHttp && collector.Scheme != Uri.UriSchemeHttps))
            section.Refuse(MetricsKeys.Otlp, "expected an address such as \"http://127.0.0.1:4318\".");
        else if (collector.UserInfo.Length > 0)
            section.Refuse(MetricsKeys.Otlp, "leave user and password out; OTEL_EXPORTER_OTLP_HEADERS takes what the collector wants to see.");
        else if (collector.Scheme == Uri.UriSchemeHttp && !collector.IsLoopback)
            section.Refuse(MetricsKeys.Otlp, "use https, or a collector on this machine: others could read and change what is sent.");
        else
            return collector;
        return null;
    }
}
