using Microsoft.Extensions.Logging;

namespace SyncAgent.Agent.Composition;

// Ids of the agent: 5xxx. Highest of this folder: 5007; 5005 is of AgentBandwidth.
internal sealed partial class AgentHost
{
    [LoggerMessage(5001, LogLevel.Information, "{MountPoint} is mounted: bucket {Bucket}, prefix \"{Prefix}\"")]
    private partial void LogMounted(string mountPoint, string bucket, string prefix);

    [LoggerMessage(5002, LogLevel.Information, "{MountPoint} is unmounted: {Pending}")]
    private partial void LogUnmounted(string mountPoint, string pending);

    [LoggerMessage(5003, LogLevel.Error, "the drive at {MountPoint} broke")]
    private partial void LogBroken(Exception? error, string mountPoint);

    [LoggerMessage(5004, LogLevel.Error, "the drive at {MountPoint} did not end cleanly")]
    private partial void LogUncleanEnd(Exception error, string mountPoint);

    [LoggerMessage(5006, LogLevel.Information, "{MountPoint} is about to be unmounted; programs have {Seconds} s to close what they write: {Files}")]
    private partial void LogWaiting(string mountPoint, double seconds, int files);

    [LoggerMessage(5007, LogLevel.Warning, "{MountPoint}: what was still being written is kept as interrupted ({Files} in all): {Paths}")]
    private partial void LogInterrupted(string mountPoint, int files, string paths);
}
