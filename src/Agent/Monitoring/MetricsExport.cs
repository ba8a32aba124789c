using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Monitoring;

/// <summary>Brings the metrics out, where somebody wants them: to a collector by OTLP, and to whoever asks on a loopback port. Without either nothing
/// is collected.</summary>
internal sealed class MetricsExport : IAsyncDisposable
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string MetricsEndpoint = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const string MetricsProtocol = "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL";
    private const string RuntimeMeter = "System.Runtime";

    /// <summary>Series of one instrument: memory for all of them is taken at once. Some have one per drive, state and call.</summary>
    private const int MostSeries = 500;

    /// <summary>The same of instruments of the runtime, which has no drives.</summary>
    private const int MostRuntimeSeries = 50;

    /// <summary>How long a collector that does not answer may hold up the end.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly MeterProvider _provider;
    private readonly OtlpTroubles? _troubles;
    private readonly MetricsServer? _server;

    private MetricsExport(MeterProvider provider, OtlpTroubles? troubles, MetricsServer? server) => (_provider, _troubles, _server) = (provider, troubles, server);

    /// <summary>Where the metrics can be read, or null.</summary>
    public Uri? Address => _server?.Address;

    /// <summary>Begins; null when nobody wants any.</summary>
    /// <param name="meter">The agent's meter: of others of its name nothing is taken.</param>
    /// <param name="settings">Who wants them.</param>
    /// <param name="environment">The standard variables OTEL_... count too.</param>
    /// <param name="host">The agent.</param>
    /// <param name="loggers">Told of what does not work: an agent goes on without its metrics.</param>
    public static async Task<MetricsExport?> StartAsync(
        Meter meter, MetricsSettings settings, Func<string, string?> environment, AgentHost host, ILoggerFactory loggers)
    {
        var sends = settings.Otlp is not null || environment(Endpoint) is { Length: > 0 } || environment(MetricsEndpoint) is { Length: > 0 };
        if (!sends && settings.Port is null) return null;
        var builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => Describe(resource, environment))
            .AddMeter(meter.Name, RuntimeMeter)
            .AddView(instrument => ReferenceEquals(instrument.Meter, meter) ? new MetricStreamConfiguration { CardinalityLimit = MostSeries }
                : instrument.Meter.Name == RuntimeMeter ? new MetricStreamConfiguration { CardinalityLimit = MostRuntimeSeries }
                : MetricStreamConfiguration.Drop);
        if (sends) builder.AddOtlpExporter((exporter, _) => Configure(exporter, settings.Otlp, environment));
        BaseExportingMetricReader? reader = null;
        PrometheusText? text = null;
        if (settings.Port is not null) builder.AddReader(reader = new BaseExportingMetricReader(text = new PrometheusText()));
        var provider = builder.Build();
        var logger = loggers.CreateLogger("metrics");
        var server = reader is not null && text is not null && settings.Port is { } port
            ? await MetricsServer.TryStartAsync(port, new MetricsPage(reader, text, host.Time), host, loggers, logger)
            : null;
        return new MetricsExport(provider, sends ? new OtlpTroubles(host.Time, logger) : null, server);
    }

    /// <summary>Sends what there is, and waits for that a moment at most: for the end, when the figures of the drives go with them.</summary>
    public Task FlushAsync() => Task.Run(() => _provider.ForceFlush((int)Farewell.TotalMilliseconds));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _provider.Shutdown((int)Farewell.TotalMilliseconds);
        _provider.Dispose();
        _troubles?.Dispose();
    }

    // What the standard variables say comes first.
    private static void Describe(ResourceBuilder resource, Func<string, string?> environment)
    {
        var isNamed = environment("OTEL_SERVICE_NAME") is { Length: > 0 } || environment("OTEL_RESOURCE_ATTRIBUTES")?.Contains("service.name=", StringComparison.Ordinal) == true;
        resource.Clear().AddAttributes([
            new("service.version", OwnVersion.Text),
            new("service.instance.id", string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}")),
            new("host.name", Environment.MachineName),
        ]);
        if (!isNamed) resource.AddAttributes([new("service.name", "syncagent")]);
        resource.AddTelemetrySdk().AddEnvironmentVariableDetector();
    }

    private static void Configure(OtlpExporterOptions exporter, Uri? collector, Func<string, string?> environment)
    {
        // What the specification has for the default; the package has another.
        if (environment(Protocol) is null && environment(MetricsProtocol) is null) exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        if (collector is null) return; // the variables say where
        exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.HttpProtobuf
            ? new UriBuilder(collector) { Path = $"{collector.AbsolutePath.TrimEnd('/')}/v1/metrics" }.Uri
            : collector;
    }
}
