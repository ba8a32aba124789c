namespace SyncAgent.Fs.Core;

/// <summary>What a drive takes of the local disk, in bytes.</summary>
/// <param name="CacheBytes">Kept of what was read from the bucket.</param>
/// <param name="CacheLimit">How much of that is kept; what is pinned comes on top.</param>
/// <param name="Reserve">What writes leave free.</param>
public sealed record LocalSpace(long CacheBytes, long CacheLimit, long Reserve);
