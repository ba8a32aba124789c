using System.Globalization;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// The user metadata of our objects: the node's attributes (<see cref="ObjectAttributes"/>), and "syncagent-gen" and "syncagent-node",
/// which tell our own object after a lost reply.
/// </summary>
internal static class ObjectMetadata
{
    public const string DirectoryContentType = "application/x-directory";

    private const string GenerationName = "syncagent-gen";
    private const string NodeName = "syncagent-node";

    /// <summary>The metadata of a node's object.</summary>
    /// <param name="node">The node.</param>
    /// <param name="generation">The generation that the object carries; 0 for none.</param>
    /// <param name="machine">This machine's id.</param>
    public static IReadOnlyDictionary<string, string> Of(NodeRow node, long? generation, string machine)
    {
        var metadata = ObjectAttributes.Format(node);
        metadata.Add(GenerationName, $"{machine}-{Number(generation ?? 0)}");
        metadata.Add(NodeName, $"{machine}-{Number(node.Id)}");
        return metadata;
    }

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
    public static bool IsCurrent(ObjectInfo found, SendTarget target) =>
        target.Metadata.All(pair => SameValue(found, target, pair.Key))
        && (target.Metadata.ContainsKey(ObjectAttributes.ExtendedAttributesName) || !found.Metadata.ContainsKey(ObjectAttributes.ExtendedAttributesName));

    private static bool SameValue(ObjectInfo found, SendTarget target, string name) =>
        found.Metadata.TryGetValue(name, out var value) && target.Metadata.TryGetValue(name, out var wanted) && value == wanted;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
