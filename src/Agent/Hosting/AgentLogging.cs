using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace SyncAgent.Agent.Hosting;

/// <summary>Where log lines go: standard error, which a detached agent has turned to <c>agent.log</c>.</summary>
internal static class AgentLogging
{
    /// <summary>A line each, with the time in UTC.</summary>
    public static ILoggerFactory ToStandardError() => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        })
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
