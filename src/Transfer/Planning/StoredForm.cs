using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>How a drive's objects are stored: by the user's rules, with the metadata that the drive itself keeps.</summary>
/// <param name="prefix">The drive's prefix.</param>
/// <param name="optionsFor">The user's options for a key below the prefix.</param>
internal sealed class StoredForm(string prefix, Func<string, ObjectOptions> optionsFor)
{
    /// <summary>Of a file's content, a directory marker or a link. Class, headers and callback are for contents alone.</summary>
    public ObjectOptions Of(SendTarget target, string? contentType = null)
    {
        var wanted = optionsFor(target.Key[prefix.Length..]);
        return target.Node.Type == NodeType.File
            ? wanted with { ContentType = contentType ?? wanted.ContentType, Metadata = Merge(wanted.Metadata, target.Metadata) }
            : new ObjectOptions { ContentType = contentType, Metadata = target.Metadata, Acl = wanted.Acl, Encryption = wanted.Encryption };
    }

    /// <summary>Of a copy on the server. What somebody else has set on the source, and no rule says otherwise, stays. A copy is no
    /// upload: nobody is called back.</summary>
    public ObjectOptions OfCopy(SendTarget target, ObjectInfo source)
    {
        var wanted = Of(target);
        return wanted with
        {
            ContentType = ObjectMetadata.IsOurs(source) ? wanted.ContentType ?? source.ContentType : source.ContentType,
            CacheControl = wanted.CacheControl ?? source.CacheControl,
            ContentDisposition = wanted.ContentDisposition ?? source.ContentDisposition,
            ContentEncoding = wanted.ContentEncoding ?? source.ContentEncoding,
            StorageClass = wanted.StorageClass ?? source.StorageClass,
            Metadata = Merge(Merge(Kept(source, target), wanted.Metadata), Unstated(source, target)),
            Callback = null,
        };
    }

    /// <summary>The source's metadata, but for extended attributes that were removed here.</summary>
    private static IReadOnlyDictionary<string, string> Kept(ObjectInfo source, SendTarget target) =>
        ObjectMetadata.IsOfNode(source, target) || (target.Node.Flags & NodeFlags.Learned) != 0
            ? new Dictionary<string, string>(source.Metadata.Where(pair => pair.Key != ObjectAttributes.ExtendedAttributesName))
            : source.Metadata;

    /// <summary>Attributes of the source that nobody here has read or set: they stay, whatever the node has by default.</summary>
    private static Dictionary<string, string> Unstated(ObjectInfo source, SendTarget target) => target.Node.IsUnlearned
        ? new(source.Metadata.Where(pair => ObjectAttributes.IsOne(pair.Key)))
        : [];

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> under, IReadOnlyDictionary<string, string> over)
    {
        var all = new Dictionary<string, string>(under);
        foreach (var (name, value) in over) all[name] = value;
        return all;
    }
}
