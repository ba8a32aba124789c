using OpenTelemetry.Metrics;

namespace SyncAgent.Agent.Monitoring;

/// <summary>The metrics as text. Everybody on the machine may ask: who asks again within a second gets the same text, so that nobody can make
/// the agent work.</summary>
internal sealed class MetricsPage(BaseExportingMetricReader reader, PrometheusText text, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private string? _last;
    private long _at;

    /// <summary>The text; null when the metrics cannot be collected now.</summary>
    public string? Read()
    {
        lock (_lock)
        {
            if (_last is not null && time.GetElapsedTime(_at) < Fresh) return _last;
            (_last, _at) = (reader.Collect() ? text.Text : null, time.GetTimestamp());
            return _last;
        }
    }
}
