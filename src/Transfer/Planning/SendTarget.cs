using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Transfer;

/// <summary>An object about to be written.</summary>
/// <param name="Node">The node, as it was when this was planned.</param>
/// <param name="Key">Its key.</param>
/// <param name="Expected">What the bucket should hold there just before.</param>
/// <param name="Generation">The generation that it carries, or null for directories, links and objects that are not ours.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Crc">CRC-64/XZ, or null when it is not known (copies of foreign objects on stores without checksums).</param>
/// <param name="Metadata">The user metadata that it gets.</param>
internal sealed record SendTarget(
    NodeRow Node, string Key, Expectation Expected, long? Generation, long Size, ulong? Crc, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The version of the node's attributes that the object carries, as far as is known.</summary>
    public long Attributes { get; init; } = Node.AttributeVersion;

    /// <summary>Whether parts of it may have been copied on the server: then only the store's checksum of the whole object proves it.</summary>
    public bool MayHoldCopies { get; init; }

    /// <summary>Whether a checksum and size, as a store states them, are those of this content.</summary>
    public bool HasContent(long size, ulong? crc) => size == Size && crc is not null && crc == Crc;
}
