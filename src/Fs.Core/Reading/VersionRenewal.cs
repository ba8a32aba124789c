using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Fs.Core;

/// <summary>
/// A reader has found out that the bucket holds another version than the node says: the node is brought up to date at once, not at the
/// next listing. When bytes of the former version were given out, the kernel may have pages of it that readers get without our
/// knowing: then a new node, with pages of its own, takes the name, and those who have the former one open keep it, as after a
/// rename over an open file on a local disk.
/// </summary>
internal sealed class VersionRenewal(
    Tree tree, IObjectReader store, CoreOptions options, TimeProvider time, ILogger logger, Action<FsInvalidation> announce)
{
    /// <summary>Looks at the bucket and changes the tree. True when the reader may go on with the version that is there now.</summary>
    public async Task<bool> TryRenewAsync(Node node, RemoteContent former, CancellationToken cancellationToken)
    {
        ObjectInfo? found;
        try
        {
            found = await store.HeadAsync(former.Key, cancellationToken).WaitAsync(options.ReadTimeout, time, cancellationToken);
        }
        catch (Exception e) when (e is StoreException or TimeoutException)
        {
            logger.LogWarning("an object that changed cannot be looked at: {Message}", e.Message);
            return false;
        }

        bool goesOn;
        FsInvalidation? invalid;
        lock (tree.Lock) goesOn = RenewNeedsLock(node, former, found, out invalid);
        if (invalid is { } item) announce(item);
        return goesOn;
    }

    private bool RenewNeedsLock(Node node, RemoteContent former, ObjectInfo? found, out FsInvalidation? invalid)
    {
        invalid = null;

        // What is local knows better, and so does whoever changed the node meanwhile.
        if (node.Parent is not { } directory || node.File is not { } file || node.Content is not null || node.Remote?.ETag != former.ETag) return false;
        if (tree.KeyNeedsLock(node) != former.Key || node.IsDirty(former.Key) || found?.ETag == former.ETag) return false;
        var name = new FsInvalidation(new NodeId(directory.Id), node.Name);
        if (found is null)
        {
            Supersede(node);
            tree.Cache.Apply([node.Id], []);
            invalid = name;
            return false;
        }

        var remote = new RemoteState(
            found.Key, found.ETag, found.VersionId, found.Crc64, found.Size, FsTime.FromUtc(found.LastModified), null, node.AttributeVersion, Proof.Listed);
        if (file.TryAdopt(remote))
        {
            Release(node);
            node.InJournal = false;
            Renew(node);
            tree.Cache.Apply([], [node.ToRow(tree.Drive.Id)]);
            invalid = new FsInvalidation(new NodeId(node.Id), null);
            return true;
        }

        Supersede(node);
        var next = new Node(tree.NewId(), NodeType.File)
        {
            Name = node.Name,
            Mode = node.Mode,
            Uid = node.Uid,
            Gid = node.Gid,
            AccessTime = node.AccessTime,
            Size = found.Size,
            AttributeVersion = node.AttributeVersion,
            Flags = node.Flags,
            Remote = remote,
        };
        Renew(next);
        tree.AttachNeedsLock(directory, next);
        tree.Cache.Apply([node.Id], [next.ToRow(tree.Drive.Id)]);
        invalid = name;
        return false;
    }

    private void Supersede(Node node)
    {
        Release(node);
        node.IsSuperseded = true;
        tree.DetachNeedsLock(node);
    }

    private void Release(Node node)
    {
        var id = node.Id;
        if (node.InJournal) tree.Journal.Enqueue(writer => writer.ReleaseNode(id));
    }

    private static void Renew(Node node)
    {
        node.Flags &= ~NodeFlags.Learned;
        node.ModifyTime = node.Remote!.Time;
        node.ChangeTime = node.Remote.Time;
    }
}
