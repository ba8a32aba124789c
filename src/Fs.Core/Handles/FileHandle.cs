namespace SyncAgent.Fs.Core;

/// <summary>An open file handle.</summary>
internal sealed record FileHandle(long Id, Node Node, OpenFile File, bool CanRead, bool CanWrite);
