using System.Globalization;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// The user metadata of our objects. "mode" (decimal st_mode with type bits), "uid" and "gid" as s3fs and ossfs write them, "mtime"
/// ("seconds.nanoseconds") as rclone and s3fs read it; "syncagent-gen" and "syncagent-node" tell our own object after a lost reply.
/// </summary>
internal static class ObjectMetadata
{
    public const string DirectoryContentType = "application/x-directory";

    private const string GenerationName = "syncagent-gen";
    private const string NodeName = "syncagent-node";
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>The metadata of a node's object.</summary>
    /// <param name="node">The node.</param>
    /// <param name="generation">The generation that the object carries; 0 for none.</param>
    /// <param name="machine">This machine's id.</param>
    public static IReadOnlyDictionary<string, string> Of(NodeRow node, long? generation, string machine) => new Dictionary<string, string>
    {
        ["mode"] = Number(TypeBits(node.Type) | (node.Mode & 0xFFF)),
        ["uid"] = Number(node.Uid),
        ["gid"] = Number(node.Gid),
        ["mtime"] = Time(node.ModifyTime),
        [GenerationName] = $"{machine}-{Number(generation ?? 0)}",
        [NodeName] = $"{machine}-{Number(node.Id)}",
    };

    /// <summary>Whether an object was written for this very content: the same node and generation of this machine.</summary>
    public static bool IsSame(ObjectInfo found, SendTarget target) =>
        target.Generation is not null && IsOfNode(found, target) && SameValue(found, target, GenerationName);

    /// <summary>Whether an object was written for this node, whichever generation.</summary>
    public static bool IsOfNode(ObjectInfo found, SendTarget target) => SameValue(found, target, NodeName);

    /// <summary>Whether an object was written by this machine for a node.</summary>
    public static bool IsOfNode(ObjectInfo found, long node, string machine) =>
        found.Metadata.TryGetValue(NodeName, out var value) && value == $"{machine}-{Number(node)}";

    /// <summary>Whether an object was written by a drive, on whichever machine.</summary>
    public static bool IsOurs(ObjectInfo found) => found.Metadata.ContainsKey(NodeName);

    /// <summary>Whether an object carries all that it should.</summary>
    public static bool IsCurrent(ObjectInfo found, SendTarget target) => target.Metadata.All(pair => SameValue(found, target, pair.Key));

    private static bool SameValue(ObjectInfo found, SendTarget target, string name) =>
        found.Metadata.TryGetValue(name, out var value) && value == target.Metadata[name];

    /// <summary>S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK.</summary>
    private static uint TypeBits(NodeType type) => type switch
    {
        NodeType.Directory => 0x4000,
        NodeType.Symlink => 0xA000,
        NodeType.Fifo => 0x1000,
        NodeType.Socket => 0xC000,
        _ => 0x8000,
    };

    private static string Time(long nanoseconds)
    {
        var (seconds, rest) = Math.DivRem(nanoseconds, NanosecondsPerSecond);
        if (rest < 0) (seconds, rest) = (seconds - 1, rest + NanosecondsPerSecond);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{rest:D9}");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
