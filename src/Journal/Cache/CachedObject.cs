namespace SyncAgent.Journal;

/// <summary>What the read cache holds of one version of an object.</summary>
/// <param name="Drive">Drive.</param>
/// <param name="Key">Object key.</param>
/// <param name="ETag">ETag of the version.</param>
/// <param name="Size">Bytes of the whole object.</param>
/// <param name="File">Name of the sparse file that has the bytes, each at its own offset.</param>
/// <param name="Used">When it was last read, milliseconds since 1970.</param>
/// <param name="Ranges">Ranges [Start, End) that the file holds: sorted, disjoint.</param>
public sealed record CachedObject(
    long Drive, string Key, string ETag, long Size, string File, long Used, IReadOnlyList<(long Start, long End)> Ranges);

/// <summary>A file of the read cache, as eviction looks at it.</summary>
/// <param name="File">Name.</param>
/// <param name="Used">When it was last read, milliseconds since 1970.</param>
/// <param name="Bytes">Bytes that it holds.</param>
public sealed record CachedFile(string File, long Used, long Bytes);
