using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Hosting;

/// <summary>Where log lines go: standard error, which a detached agent has turned to <see cref="LogFiles.Name"/> and systemd to its journal.</summary>
internal static class AgentLogging
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>A line each, with the time in UTC.</summary>
    public static ILoggerFactory ToStandardError(LogSettings? settings = null, ILoggerProvider? also = null) => LoggerFactory.Create(logging =>
    {
        if (also is not null) logging.AddProvider(also);
        logging.SetMinimumLevel(settings?.Level ?? LogLevel.Information);
        if (settings?.Json == true)
        {
            logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = TimeFormat;
            });
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = TimeFormat + " ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }

        logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
