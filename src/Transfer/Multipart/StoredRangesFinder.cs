using System.Collections.Concurrent;
using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>Finds what the bucket already holds of a content: the last version of the file that it confirmed, less what was written
/// since. Remembers for this run where copying did not lead to a proof, so that all is sent then.</summary>
internal sealed class StoredRangesFinder(TransferContext context)
{
    private readonly ConcurrentDictionary<long, bool> _refused = new();
    private volatile bool _all;

    /// <summary>What the bucket holds, or null when that cannot be told, or could not be proved afterwards: where the store states no
    /// checksum of a whole object.</summary>
    public StoredRanges? Find(NodeRow node, ContentSource source)
    {
        if (!context.Store.Capabilities.ObjectCrc64 || IsRefused(source.Generation.Id)) return null;
        if (node.Remote is not { ETag: { } etag } remote) return null;
        return ContentChanges.Since(context.Journal.Files, source, remote) is { } changes ? new StoredRanges(remote.Key, etag, remote.Size, changes) : null;
    }

    /// <summary>Whether all of a generation is to be sent.</summary>
    public bool IsRefused(long generation) => _all || _refused.ContainsKey(generation);

    /// <summary>All of this generation is to be sent.</summary>
    public void Refuse(long generation) => _refused.TryAdd(generation, true);

    /// <summary>All of every generation is to be sent: this store's copies carry no checksums.</summary>
    public void RefuseAll() => _all = true;

    /// <summary>The generation arrived.</summary>
    public void Forget(long generation) => _refused.TryRemove(generation, out _);
}
