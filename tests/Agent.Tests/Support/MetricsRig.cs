using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Monitoring;
using SyncAgent.Agent.Status;
using SyncAgent.Store;

namespace SyncAgent.Agent.Tests.Support;

/// <summary>An agent with a fake drive whose metrics come out.</summary>
internal sealed class MetricsRig : IAsyncDisposable
{
    private readonly AgentMetrics _metrics;
    private MetricsExport? _export;

    private MetricsRig(TestAgent agent)
    {
        Agent = agent;
        Stores = new StoreMetrics(Meter);
        _metrics = new AgentMetrics(Meter, agent.Host, new StatusBuilder(agent.Host), NullLogger.Instance);
    }

    public TestAgent Agent { get; }

    public Meter Meter { get; } = new(AgentMetrics.MeterName);

    public StoreMetrics Stores { get; }

    public HttpClient Http { get; } = new();

    /// <summary>Starts it; port 0 is any.</summary>
    public static async Task<MetricsRig> StartAsync(MetricsSettings settings, Func<string, string?>? environment = null)
    {
        var rig = new MetricsRig(await TestAgent.StartAsync());
        rig._export = await MetricsExport.StartAsync(rig.Meter, settings, environment ?? (_ => null), rig.Agent.Host, NullLoggerFactory.Instance);
        if (rig._export?.Address is { } address) rig.Http.BaseAddress = address;
        return rig;
    }

    public bool IsExported => _export is not null;

    public async Task<IReadOnlyList<PrometheusSample>> ReadAsync() =>
        PrometheusParser.Parse(await Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken));

    /// <summary>Sends what is left, and ends the export.</summary>
    public async Task EndExportAsync()
    {
        if (_export is not null) await _export.DisposeAsync();
        _export = null;
    }

    public async ValueTask DisposeAsync()
    {
        await EndExportAsync();
        Http.Dispose();
        _metrics.Dispose();
        Stores.Dispose();
        Meter.Dispose();
        await Agent.DisposeAsync();
    }
}
