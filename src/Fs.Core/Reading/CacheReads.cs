namespace SyncAgent.Fs.Core;

/// <summary>What programs have read of content that the bucket holds, since the mount, in bytes. What the kernel answers from its own pages never
/// comes here.</summary>
/// <param name="Hit">Was in the read cache: read before, pinned, or fetched ahead in time.</param>
/// <param name="Missed">Had to be waited for.</param>
public readonly record struct CacheReads(long Hit, long Missed);
