namespace SyncAgent.Fs.Linux.Protocol;

/// <summary>A request that does not follow the protocol: too short, or a string without its zero byte.</summary>
internal sealed class FuseProtocolException(string message) : Exception(message);
