using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Status;

// Highest id here: 5101.
internal sealed partial class ControlRoutes
{
    [LoggerMessage(5101, LogLevel.Error, "the request {Method} {Path} failed")]
    private partial void LogFailed(Exception error, string method, string? path);
}
