namespace SyncAgent.Journal;

/// <summary>What a node is. The values are stored.</summary>
public enum NodeType
{
    /// <summary>Regular file.</summary>
    File = 0,

    /// <summary>Directory.</summary>
    Directory = 1,

    /// <summary>Symbolic link.</summary>
    Symlink = 2,

    /// <summary>FIFO: the kernel's own, with a name here.</summary>
    Fifo = 3,

    /// <summary>Unix socket: the kernel's own, with a name here.</summary>
    Socket = 4,
}

/// <summary>Marks of a node. The values are stored.</summary>
[Flags]
public enum NodeFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Never uploaded, by the user's own rule: nothing of it is in the bucket.</summary>
    Ignored = 1,

    /// <summary>The user holds it back: nothing of it is sent until he lets it go on.</summary>
    Held = 2,

    /// <summary>Its attributes were read from the object's metadata; without it they are the drive's defaults until somebody asks.</summary>
    Learned = 4,

    /// <summary>Its owner and group are what its object says; nobody here has set them.</summary>
    StoreOwner = 8,

    /// <summary>With <see cref="Held"/>: what was sent of it is given up too.</summary>
    Cancelled = 16,
}

/// <summary>What keeps a node from being synced without somebody's help. The values are stored.</summary>
public enum Problem
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The store or the local copy refuses for good; <see cref="NodeRow.Error"/> says why.</summary>
    Failed = 1,

    /// <summary>The bucket holds somebody else's newer object under this name.</summary>
    Conflict = 2,
}

/// <summary>
/// One node: what the user has made of it (desired) and what the bucket last confirmed (<see cref="Remote"/>). The next
/// step follows from the difference. Times are nanoseconds since 1970 UTC.
/// </summary>
public sealed record NodeRow
{
    /// <summary>Persistent id, never reused.</summary>
    public required long Id { get; init; }

    /// <summary>Drive that the node belongs to.</summary>
    public required long Drive { get; init; }

    /// <summary>Id of the directory, 0 for a drive's root.</summary>
    public required long Parent { get; init; }

    /// <summary>Name in the directory. A drive's root has the drive's id for a name, since names are unique among the roots too.</summary>
    public required string Name { get; init; }

    /// <summary>File, directory or symbolic link.</summary>
    public required NodeType Type { get; init; }

    /// <summary>Permission, set-id and sticky bits (07777).</summary>
    public uint Mode { get; init; }

    /// <summary>Owner.</summary>
    public uint Uid { get; init; }

    /// <summary>Group.</summary>
    public uint Gid { get; init; }

    /// <summary>Access time.</summary>
    public long AccessTime { get; init; }

    /// <summary>Modification time.</summary>
    public long ModifyTime { get; init; }

    /// <summary>Change time.</summary>
    public long ChangeTime { get; init; }

    /// <summary>Target of a symbolic link.</summary>
    public string? Target { get; init; }

    /// <summary>Length in bytes of the newest content that was closed.</summary>
    public long Size { get; init; }

    /// <summary>The sealed generation that the bucket should hold, or null when the bucket's own is current.</summary>
    public long? Content { get; init; }

    /// <summary>The generation being written, or interrupted by a kill, or null.</summary>
    public long? Open { get; init; }

    /// <summary>Counts changes of metadata that the bucket must learn.</summary>
    public long AttributeVersion { get; init; }

    /// <summary>What the bucket last confirmed, or null when it holds nothing of this node.</summary>
    public RemoteState? Remote { get; init; }

    /// <summary>Journal sequence of the last desired change; acted on only once it is durable.</summary>
    public long Changed { get; init; }

    /// <summary>Whether the planner should look at this node.</summary>
    public bool Pending { get; init; }

    /// <summary>Not before this time, milliseconds since 1970 UTC.</summary>
    public long Due { get; init; }

    /// <summary>Failed attempts since the last success or change.</summary>
    public int Attempts { get; init; }

    /// <summary>Uploads cancelled by newer writes since the last success.</summary>
    public int Cancels { get; init; }

    /// <summary>What needs somebody's help.</summary>
    public Problem Problem { get; init; }

    /// <summary>The last error, one sentence with its remedy, or null.</summary>
    public string? Error { get; init; }

    /// <summary>Extended attributes in the form in which the object's metadata carries them, or null when there are none.</summary>
    public string? ExtendedAttributes { get; init; }

    /// <summary>Marks.</summary>
    public NodeFlags Flags { get; init; }

    /// <summary>Whether the user holds it back.</summary>
    public bool IsHeld => (Flags & NodeFlags.Held) != 0;

    /// <summary>Whether what was sent of it so far is given up.</summary>
    public bool IsCancelled => (Flags & NodeFlags.Cancelled) != 0;

    /// <summary>The marks that come with learning.</summary>
    internal const NodeFlags LearnedFlags = NodeFlags.Learned | NodeFlags.StoreOwner;

    /// <summary>See <see cref="AreUnlearned"/>.</summary>
    public bool IsUnlearned => AreUnlearned(Flags, AttributeVersion, Content, Remote);

    /// <summary>Whether attributes are not those of the object: it is somebody else's, nobody has read what it says of them, and nobody
    /// here has set any since it is there.</summary>
    public static bool AreUnlearned(NodeFlags flags, long attributeVersion, long? content, RemoteState? remote) =>
        (flags & NodeFlags.Learned) == 0 && content is null && remote is { ETag: not null, Generation: null }
        && attributeVersion == remote.AttributeVersion && (attributeVersion == 0 || remote.Proof == Proof.Listed);
}

/// <summary>How the bucket's content was proved equal to the local bytes. The values are stored.</summary>
public enum Proof
{
    /// <summary>Seen in a listing only.</summary>
    Listed = 0,

    /// <summary>The store's CRC-64 of the whole object equals that of the bytes written.</summary>
    Crc64 = 1,

    /// <summary>Copied on the server from a source that was verified; the store gave no checksum of the copy.</summary>
    CopiedSourceVerified = 2,

    /// <summary>The store states no CRC-64 of the whole object; it has checked the MD5 of the put, or of each part.</summary>
    PartChecksums = 3,
}

/// <summary>What the bucket last confirmed about a node.</summary>
/// <param name="Key">Object key with the drive's prefix; directories end in "/".</param>
/// <param name="ETag">Null for a directory that exists only as a prefix of other keys.</param>
/// <param name="Version">Version id, or null.</param>
/// <param name="Crc">CRC-64/XZ, or null when unknown.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Time">Last-Modified of the store, nanoseconds since 1970 UTC.</param>
/// <param name="Generation">Which generation of ours it is, or null for a foreign object.</param>
/// <param name="AttributeVersion">Which metadata it carries.</param>
/// <param name="Proof">How it was proved.</param>
public sealed record RemoteState(
    string Key, string? ETag, string? Version, ulong? Crc, long Size, long Time, long? Generation, long AttributeVersion, Proof Proof);
