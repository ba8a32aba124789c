using Microsoft.Extensions.Logging;

namespace SyncAgent.Store;

// Ids of this project: 4xxx. This file: 4010.
public sealed partial class RefreshingCredentials
{
    [LoggerMessage(4010, LogLevel.Warning, "The credentials could not be renewed: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
