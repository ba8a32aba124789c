using Microsoft.Extensions.Logging;
using SyncAgent.Fs.Linux.Protocol;

namespace SyncAgent.Fs.Linux;

// Highest id of this project: 1134.
public sealed partial class FuseSession
{
    [LoggerMessage(1130, LogLevel.Information, "Mounted at {MountPoint}: FUSE {Major}.{Minor}, {Flags}.")]
    private partial void LogMounted(string mountPoint, uint major, uint minor, FuseInitFlags flags);

    [LoggerMessage(1131, LogLevel.Information, "{MountPoint} is unmounted; its last file is released.")]
    private partial void LogEnded(string mountPoint);

    [LoggerMessage(1132, LogLevel.Warning, "{MountPoint} is in use; it is taken out of the tree and served until the last user leaves.")]
    private partial void LogBusy(string mountPoint);

    [LoggerMessage(1133, LogLevel.Critical, "A thread that serves the drive failed.")]
    private partial void LogReaderFailed(Exception exception);

    [LoggerMessage(1134, LogLevel.Error, "The kernel sent something that is not a request.")]
    private partial void LogNotARequest(Exception exception);
}
