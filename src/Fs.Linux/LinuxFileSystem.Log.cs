using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux;

// Ids of this project: 1100 to 1199. Highest used: see FuseSession.Log.cs.
internal sealed partial class LinuxFileSystem
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(1100, LogLevel.Error, "The handler of {Opcode} failed; the caller got EIO.")]
    private partial void LogHandlerFailed(FuseOpcode opcode, Exception exception);

    [LoggerMessage(1101, LogLevel.Error, "{Opcode} failed: {Reason}")]
    private partial void LogInputOutputError(FuseOpcode opcode, string reason, Exception? exception);

    [LoggerMessage(1102, LogLevel.Error, "The file system gave {Given} bytes for a READ of {Asked}; the caller got EIO.")]
    private partial void LogBadReadLength(int given, int asked);
}
