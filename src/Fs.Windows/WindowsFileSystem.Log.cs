using Microsoft.Extensions.Logging;

namespace SyncAgent.Fs.Windows;

// Highest id: 1204; those of the mount follow from 1220.
internal sealed partial class WindowsFileSystem
{
    [LoggerMessage(1201, LogLevel.Error, "{Call} failed unexpectedly.")]
    private partial void LogFault(string call, Exception e);

    [LoggerMessage(1202, LogLevel.Error, "{Call}: {Message}")]
    private partial void LogInputOutputError(string call, string message, Exception? cause);

    [LoggerMessage(1203, LogLevel.Warning, "{Path} was not deleted: {Reason}.")]
    private partial void LogNotDeleted(string path, string reason);

    [LoggerMessage(1204, LogLevel.Error, "What was written to node {Node} could not be committed when it was closed: {Message}")]
    private partial void LogNotCommitted(long node, string message, Exception? cause);
}
