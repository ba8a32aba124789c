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
    public static MetricsSettings Read(ConfigSection? section, ICollection<string> mistakes)
    {
        if (section is null) return new MetricsSettings();
        var settings = new MetricsSettings { Port = section.Number("port", 1, ushort.MaxValue), Otlp = ReadCollector(section, mistakes) };
        section.RefuseUnknown();
        return settings;
    }

    private static Uri? ReadCollector(ConfigSection section, ICollection<string> mistakes)
    {
        if (section.Text("otlp") is not { } text) return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var collector) || (collector.Scheme != Uri.UriSchemeHttp && collector.Scheme != Uri.UriSchemeHttps))
            mistakes.Add($"{section.At("otlp")}: expected an address such as \"http://127.0.0.1:4318\".");
        else if (collector.UserInfo.Length > 0)
            mistakes.Add($"{section.At("otlp")}: leave user and password out; OTEL_EXPORTER_OTLP_HEADERS takes what the collector wants to see.");
        else if (collector.Scheme == Uri.UriSchemeHttp && !collector.IsLoopback)
            mistakes.Add($"{section.At("otlp")}: use https, or a collector on this machine: others could read and change what is sent.");
        else
            return collector;
        return null;
    }
}
