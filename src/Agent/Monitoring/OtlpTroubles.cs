using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Monitoring;

/// <summary>Brings what the OTLP exporter says of its failures, which only an event source hears, into the log; at most once a minute.</summary>
internal sealed partial class OtlpTroubles : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly TimeProvider? _time;
    private readonly ILogger? _logger;
    private readonly Lock _lock = new();
    private long? _loggedAt;

    /// <summary>Begins to listen.</summary>
    public OtlpTroubles(TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        // The sources that were there already have been told to the base class, before there was a logger.
        foreach (var source in EventSource.GetSources()) OnEventSourceCreated(source);
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (_logger is not null && eventSource.Name == Source) EnableEvents(eventSource, EventLevel.Warning);
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (_logger is null || _time is null) return;
        lock (_lock)
        {
            if (_loggedAt is { } at && _time.GetElapsedTime(at) < Pause) return;
            _loggedAt = _time.GetTimestamp();
        }

        var arguments = eventData.Payload?.Select(value => (object?)FirstLine(value)).ToArray() ?? [];
        LogTrouble(_logger, string.Format(CultureInfo.InvariantCulture, eventData.Message ?? eventData.EventName ?? "", arguments));
    }

    // Exceptions come with their stack.
    private static string FirstLine(object? value) => (value?.ToString() ?? "").Split('\n', 2)[0].TrimEnd();

    [LoggerMessage(5113, LogLevel.Warning, "metrics are not sent: {Trouble}")]
    private static partial void LogTrouble(ILogger logger, string trouble);
}
