using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>What a complete listing of one directory said.</summary>
/// <param name="Files">Objects right in the directory, by name.</param>
/// <param name="Directories">Names of common prefixes.</param>
/// <param name="Marker">The directory's own marker object, or null.</param>
/// <param name="Hidden">Keys that are given up or moved away here and still stand in the bucket.</param>
internal sealed record ListedDirectory(
    Dictionary<string, ListedObject> Files, HashSet<string> Directories, ListedObject? Marker, IReadOnlyCollection<RemoteState> Hidden);

/// <summary>Merges a complete listing into the tree: local nodes and tombstones win; absence counts, since the listing is complete.</summary>
internal sealed partial class Tree
{
    /// <summary>Merges and returns what the kernel must drop.</summary>
    public List<FsInvalidation> MergeNeedsLock(Node directory, DirectoryListing listing, ListedDirectory listed, CoreOptions options)
    {
        var key = KeyNeedsLock(directory);
        var invalid = new List<FsInvalidation>();
        if (key is null) return invalid;
        var children = ChildrenNeedsLock(directory);
        var put = new List<NodeRow>();
        var removed = new List<long>();
        var hidden = listed.Hidden.ToLookup(state => state.Key);

        foreach (var name in listed.Directories)
        {
            if (listing.Touched.Contains(name)) continue;
            var prefix = $"{key}{name}/";
            if (children.TryGetValue(name, out var former) && (former.IsDirectory || !TryRemoveRemoteNeedsLock(former, key, listing, removed))) continue;
            put.Add(AddRemoteNeedsLock(directory, name, NodeType.Directory, new RemoteState(prefix, null, null, null, 0, 0, null, 0, Proof.Listed), options));
            invalid.Add(new FsInvalidation(new NodeId(directory.Id), name));
        }

        foreach (var (name, found) in listed.Files)
        {
            if (listing.Touched.Contains(name) || listed.Directories.Contains(name)) continue;
            if (hidden[found.Key].Any(state => state.ETag == found.ETag)) continue;
            var remote = new RemoteState(
                found.Key, found.ETag, null, null, found.Size, FsTime.FromUtc(found.LastModified), null, 0, Proof.Listed);
            if (!children.TryGetValue(name, out var child) || (child.IsDirectory && TryRemoveRemoteNeedsLock(child, key, listing, removed)))
            {
                put.Add(AddRemoteNeedsLock(directory, name, NodeType.File, remote, options));
                invalid.Add(new FsInvalidation(new NodeId(directory.Id), name));
            }
            else if (!child.IsDirectory && MayReplace(child, found.Key, listing) && child.Remote?.ETag != found.ETag)
            {
                put.Add(ReplaceByRemoteNeedsLock(child, remote));
                invalid.Add(new FsInvalidation(new NodeId(child.Id), null));
            }
        }

        foreach (var child in children.Values.ToList())
        {
            if (listed.Directories.Contains(child.Name) || listed.Files.ContainsKey(child.Name) || listing.Touched.Contains(child.Name)) continue;
            if (TryRemoveRemoteNeedsLock(child, key, listing, removed)) invalid.Add(new FsInvalidation(new NodeId(directory.Id), child.Name));
        }

        if (listed.Marker is { } marker && directory.Remote is { ETag: null } && !directory.InJournal)
        {
            directory.Remote = directory.Remote with { ETag = marker.ETag, Time = FsTime.FromUtc(marker.LastModified) };
            put.Add(directory.ToRow(_drive.Id));
        }

        directory.ListedAt = FsTime.NowMilliseconds(_time);
        _cache.ApplyListing(directory.Id, directory.ListedAt.Value, removed, put);
        return invalid;
    }

    // A node with something to send, or open, or confirmed after the listing was asked for, knows better than the listing.
    private static bool MayReplace(Node child, string key, DirectoryListing listing) =>
        !child.IsDirty(key) && child.File is null && child.ConfirmedStamp < listing.Stamp;

    private NodeRow AddRemoteNeedsLock(Node directory, string name, NodeType type, RemoteState remote, CoreOptions options)
    {
        var time = remote.Time != 0 ? remote.Time : directory.ModifyTime;
        var node = new Node(_journal.NewId(), type)
        {
            Name = name,
            Mode = type == NodeType.Directory ? options.DirectoryMode : options.FileMode,
            Uid = options.Uid,
            Gid = options.Gid,
            AccessTime = time,
            ModifyTime = time,
            ChangeTime = time,
            Size = remote.Size,
            Remote = remote,
        };
        AttachNeedsLock(directory, node);
        return node.ToRow(_drive.Id);
    }

    private NodeRow ReplaceByRemoteNeedsLock(Node node, RemoteState remote)
    {
        if (node.InJournal) _journal.Enqueue(writer => writer.ReleaseNode(node.Id));
        node.InJournal = false;
        node.Content = null;
        node.Remote = remote with { AttributeVersion = node.AttributeVersion };
        node.Size = remote.Size;
        node.ModifyTime = remote.Time;
        node.ChangeTime = remote.Time;
        return node.ToRow(_drive.Id);
    }

    /// <summary>Removes a node that the listing no longer has, with all below it, unless anything of that is local. What is below is
    /// loaded for that: a file that waits to be sent must be seen whether or not anybody has looked at its folder since the start.</summary>
    private bool TryRemoveRemoteNeedsLock(Node node, string directoryKey, DirectoryListing listing, List<long> removed)
    {
        var key = node.IsDirectory ? $"{directoryKey}{node.Name}/" : directoryKey + node.Name;
        if (node.Remote is null || !MayReplace(node, key, listing) || AnyLocalBelow(node)) return false;
        RemoveRemoteNeedsLock(node, removed);
        return true;
    }

    private bool AnyLocalBelow(Node node) => node.IsDirectory
        && ChildrenNeedsLock(node).Values.Any(child => child.File is not null || child.IsDirty(KeyNeedsLock(child)) || AnyLocalBelow(child));

    private void RemoveRemoteNeedsLock(Node node, List<long> removed)
    {
        // Children first: the journal lets no directory go before them.
        foreach (var gone in Below(node).Reverse().Append(node).ToList())
        {
            if (gone.InJournal) _journal.Enqueue(writer => writer.ReleaseNode(gone.Id));
            removed.Add(gone.Id);
            ForgetNeedsLock(gone);
        }

        DetachNeedsLock(node);
    }
}
