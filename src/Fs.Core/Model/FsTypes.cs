namespace SyncAgent.Fs.Core;

/// <summary>A node's persistent id, never reused; also the inode number that users see. Always 2 or greater.</summary>
public readonly record struct NodeId(long Value);

/// <summary>An open file's id, unique within this process.</summary>
public readonly record struct HandleId(long Value);

/// <summary>What a node is.</summary>
public enum NodeKind
{
    /// <summary>Regular file.</summary>
    File = 0,

    /// <summary>Directory.</summary>
    Directory = 1,

    /// <summary>Symbolic link.</summary>
    Symlink = 2,

    /// <summary>FIFO.</summary>
    Fifo = 3,

    /// <summary>Unix socket.</summary>
    Socket = 4,
}

/// <summary>Attributes of a node. Times are nanoseconds since 1970 UTC; <see cref="Mode"/> holds permission, set-id and sticky
/// bits only (07777).</summary>
public readonly record struct NodeAttributes(
    NodeId Id, NodeKind Kind, long Size, uint Mode, uint Uid, uint Gid, long AccessTime, long ModifyTime, long ChangeTime, uint LinkCount)
{
    /// <summary>How long the kernel may keep this answer. Long, because changes from outside are announced.</summary>
    public TimeSpan CacheFor { get; init; }

    /// <summary>Bytes of the local disk that the content takes, or its length where the bucket alone holds it (st_blocks).</summary>
    public long StoredBytes { get; init; } = Size;
}

/// <summary>A change of attributes; null fields stay as they are.</summary>
public readonly record struct AttributeChanges
{
    /// <summary>New length in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>New permission, set-id and sticky bits (07777).</summary>
    public uint? Mode { get; init; }

    /// <summary>New owner.</summary>
    public uint? Uid { get; init; }

    /// <summary>New group.</summary>
    public uint? Gid { get; init; }

    /// <summary>New access time in nanoseconds since 1970.</summary>
    public long? AccessTime { get; init; }

    /// <summary>New modification time in nanoseconds since 1970.</summary>
    public long? ModifyTime { get; init; }

    /// <summary>Set the access time to now.</summary>
    public bool AccessTimeNow { get; init; }

    /// <summary>Set the modification time to now.</summary>
    public bool ModifyTimeNow { get; init; }

    /// <summary>Clear set-user-id and set-group-id (a truncate or chown by someone without privilege).</summary>
    public bool ClearSetId { get; init; }
}

/// <summary>How a file is opened.</summary>
[Flags]
public enum OpenFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>For reading.</summary>
    Read = 1,

    /// <summary>For writing.</summary>
    Write = 2,

    /// <summary>Cut to length 0 (O_TRUNC).</summary>
    Truncate = 4,

    /// <summary>Fail when the name exists (O_EXCL).</summary>
    Exclusive = 8,

    /// <summary>Clear set-user-id and set-group-id on truncation.</summary>
    ClearSetId = 16,
}

/// <summary>An opened file.</summary>
/// <param name="Handle">To be released once.</param>
/// <param name="Attributes">At the time of opening.</param>
/// <param name="KeepCache">Whether pages the kernel already has for this node are still right.</param>
public readonly record struct OpenedFile(HandleId Handle, NodeAttributes Attributes, bool KeepCache);

/// <summary>How a rename treats an existing target.</summary>
public enum RenameMode
{
    /// <summary>Replace it.</summary>
    Replace,

    /// <summary>Fail (RENAME_NOREPLACE).</summary>
    NoReplace,

    /// <summary>Swap the two names (RENAME_EXCHANGE).</summary>
    Exchange,
}

/// <summary>What setting an extended attribute expects of it.</summary>
public enum ExtendedAttributeMode
{
    /// <summary>Nothing.</summary>
    CreateOrReplace,

    /// <summary>It must not exist (XATTR_CREATE).</summary>
    Create,

    /// <summary>It must exist (XATTR_REPLACE).</summary>
    Replace,
}

/// <summary>What is done with a range of a file's space (fallocate).</summary>
public enum SpaceChange
{
    /// <summary>Take it, so that writes there find room.</summary>
    Allocate,

    /// <summary>Give it back: zeros that take no space. The length stays.</summary>
    Punch,

    /// <summary>Make it zeros that have their space.</summary>
    Zero,
}

/// <summary>A name in a directory. Small, since a snapshot may have a million: attributes are looked up when they are wanted.</summary>
public readonly record struct DirectoryEntry(string Name, NodeId Id, NodeKind Kind);

/// <summary>A directory's entries at one moment, in a fixed order.</summary>
/// <param name="Self">The directory.</param>
/// <param name="Parent">Its parent, or itself for the root.</param>
/// <param name="Entries">Without "." and "..".</param>
public sealed record DirectorySnapshot(NodeAttributes Self, NodeId Parent, IReadOnlyList<DirectoryEntry> Entries);

/// <summary>Space and counts of a volume, in bytes and nodes.</summary>
public readonly record struct VolumeStatistics(long TotalBytes, long FreeBytes, long TotalNodes, long FreeNodes, int MaxNameBytes);

/// <summary>Something changed that the kernel may have cached. <see cref="Name"/> null: the node's attributes (that the content is another the next
/// open tells, by <see cref="OpenedFile.KeepCache"/>);
/// otherwise the entry of that name in directory <see cref="Node"/>.</summary>
public readonly record struct FsInvalidation(NodeId Node, string? Name);
