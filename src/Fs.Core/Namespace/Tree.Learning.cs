using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

internal sealed partial class Tree
{
    /// <summary>Takes over what an object says of its node's attributes. Returns what the kernel must drop, or null when nothing is
    /// shown otherwise than before.</summary>
    public FsInvalidation? LearnNeedsLock(Node node, ObjectAttributes attributes, string? target)
    {
        var type = node.IsDirectory ? NodeType.Directory : attributes.Type ?? NodeType.File;
        if (type == NodeType.Directory || (type == NodeType.Symlink && target is null)) type = node.Type;
        if (type != node.Type) return ReplaceNeedsLock(node, type, attributes, target);
        var before = node.Attributes();
        Take(node, attributes);
        if (node.InJournal)
        {
            var row = node.ToRow(Drive.Id);
            Journal.Enqueue(writer => writer.Learn(row));
            TouchNeedsLock(node.Parent ?? node);
        }
        else
        {
            Cache.Apply([], [node.ToRow(Drive.Id)]);
        }

        return node.Attributes() == before ? null : new FsInvalidation(new NodeId(node.Id), null);
    }

    /// <summary>Whose a node is shown to be, when that is not what its object says.</summary>
    private (uint Uid, uint Gid)? ShownOwner(Node node) =>
        !_options.StoreOwners && (node.Flags & NodeFlags.StoreOwner) != 0 ? (_options.Uid, _options.Gid) : null;

    private void Take(Node node, ObjectAttributes attributes)
    {
        node.Flags |= NodeFlags.Learned;
        if (attributes.Uid is not null || attributes.Gid is not null) node.Flags |= NodeFlags.StoreOwner;
        node.Mode = attributes.Mode ?? node.Mode;
        node.Uid = attributes.Uid ?? node.Uid;
        node.Gid = attributes.Gid ?? node.Gid;
        node.ShownOwner = ShownOwner(node);
        node.ExtendedAttributes = attributes.ExtendedAttributes;
        if (node.File is not { Writers: > 0 }) node.ModifyTime = attributes.ModifyTime ?? node.ModifyTime;
    }

    // The kernel takes an inode that changes its type for a broken one: what turns out to be a link gets an id of its own.
    private FsInvalidation? ReplaceNeedsLock(Node node, NodeType type, ObjectAttributes attributes, string? target)
    {
        if (node.File is not null || node.InJournal || node.Parent is not { } directory) return null;
        var replacement = new Node(NewId(), type)
        {
            Name = node.Name,
            Mode = node.Mode,
            Uid = node.Uid,
            Gid = node.Gid,
            AccessTime = node.AccessTime,
            ModifyTime = node.ModifyTime,
            ChangeTime = node.ChangeTime,
            Target = target,
            Size = node.Size,
            Remote = node.Remote,
        };
        Take(replacement, attributes);
        DetachNeedsLock(node);
        AttachNeedsLock(directory, replacement);
        Cache.Apply([node.Id], [replacement.ToRow(Drive.Id)]);
        return new FsInvalidation(new NodeId(directory.Id), node.Name);
    }
}
