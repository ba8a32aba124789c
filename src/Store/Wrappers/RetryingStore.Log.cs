using Microsoft.Extensions.Logging;

namespace SyncAgent.Store;

// Ids of this project: 4xxx. Highest used: 4001.
public sealed partial class RetryingStore
{
    [LoggerMessage(4001, LogLevel.Debug, "Attempt {Attempt} failed, the next is in {Seconds:0.0} s: {Reason}")]
    private static partial void LogRepeat(ILogger logger, int attempt, double seconds, string reason);
}
