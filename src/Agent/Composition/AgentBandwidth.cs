using System.Text.Json;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Composition;

/// <summary>The bandwidth that all drives of an agent share. What is set by hand outlives the agent.</summary>
internal sealed partial class AgentBandwidth : IDisposable
{
    private const string OverrideValue = "bandwidth.override";

    private readonly JournalStore _journal;
    private readonly ILogger _logger;

    /// <summary>Begins without limits but for those that were set by hand.</summary>
    public AgentBandwidth(JournalStore journal, TimeProvider time, ILogger logger)
    {
        _journal = journal;
        _logger = logger;
        Control = new BandwidthControl(time, BandwidthTimetable.Unlimited);
        if (journal.GetValue(OverrideValue) is { } text) Control.Override = Parse(text);
    }

    /// <summary>What stores go through.</summary>
    public BandwidthControl Control { get; }

    /// <summary>Takes over the limits of a mount line or a configuration, if it says anything of them.</summary>
    public void Configure(EngineSettings settings)
    {
        if (settings.Bandwidth is { } timetable) Control.Timetable = timetable;
    }

    /// <summary>Changes what is set by hand.</summary>
    public LimitsStatus Change(LimitsRequest request)
    {
        var now = Control.Override;
        var wanted = new BandwidthOverride(
            request.Upload is { } upload ? upload.BytesPerSecond : now.Upload,
            request.Download is { } download ? download.BytesPerSecond : now.Download);
        _journal.SetValue(
            OverrideValue, wanted == BandwidthOverride.None ? null : JsonSerializer.Serialize(wanted, ControlJson.Default.BandwidthOverride));
        Control.Override = wanted;
        return Read();
    }

    /// <summary>How it stands.</summary>
    public LimitsStatus Read()
    {
        var state = Control.Read();
        return new LimitsStatus(state.Limits.Upload, state.Limits.Download, state.Override.Upload is not null, state.Override.Download is not null, state.NextChange);
    }

    /// <inheritdoc/>
    public void Dispose() => Control.Dispose();

    // Limits are not worth an agent that does not start.
    private BandwidthOverride Parse(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize(text, ControlJson.Default.BandwidthOverride) is { Upload: null or >= 0, Download: null or >= 0 } stored) return stored;
            LogDamaged(null);
        }
        catch (JsonException e)
        {
            LogDamaged(e);
        }

        return BandwidthOverride.None;
    }

    [LoggerMessage(5005, LogLevel.Warning, "the limits that were set by hand cannot be read and do not hold; set them again with \"syncagent limits\"")]
    private partial void LogDamaged(Exception? error);
}
