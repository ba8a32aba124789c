namespace SyncAgent.Fs.Linux;

/// <summary>What the adapter needs of the mount's options.</summary>
/// <param name="NegativeCache">How long the kernel may remember that a name does not exist.</param>
/// <param name="DirectWrites">Whether files opened for writing only bypass the page cache.</param>
internal sealed record LinuxFileSystemSettings(TimeSpan NegativeCache, bool DirectWrites);
