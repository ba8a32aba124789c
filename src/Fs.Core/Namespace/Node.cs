using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

/// <summary>
/// A node in memory. Guarded by the tree's lock, except what says otherwise. The journal's row follows it by mutations that are
/// enqueued under the same lock.
/// </summary>
internal sealed class Node(long id, NodeType type)
{
    /// <summary>A <see cref="ServedETag"/> that equals none.</summary>
    public const string UnknownVersion = "";

    private long _size;
    private long _modifyTime;
    private long _changeTime;
    private long _accessTime;

    public long Id { get; } = id;

    public NodeType Type { get; } = type;

    /// <summary>Null for the root, and for a node whose name is gone.</summary>
    public Node? Parent { get; set; }

    public string Name { get; set; } = "";

    public uint Mode { get; set; }

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    /// <summary>Written by readers without the tree's lock.</summary>
    public long AccessTime
    {
        get => Volatile.Read(ref _accessTime);
        set => Volatile.Write(ref _accessTime, value);
    }

    /// <summary>Written by writers of the file without the tree's lock.</summary>
    public long ModifyTime
    {
        get => Volatile.Read(ref _modifyTime);
        set => Volatile.Write(ref _modifyTime, value);
    }

    /// <summary>Written by writers of the file without the tree's lock.</summary>
    public long ChangeTime
    {
        get => Volatile.Read(ref _changeTime);
        set => Volatile.Write(ref _changeTime, value);
    }

    /// <summary>Length as the user sees it now. Written by writers of the file without the tree's lock.</summary>
    public long Size
    {
        get => Volatile.Read(ref _size);
        set => Volatile.Write(ref _size, value);
    }

    public string? Target { get; init; }

    /// <summary>True when the journal has a row; otherwise the listing cache has it.</summary>
    public bool InJournal { get; set; }

    public long AttributeVersion { get; set; }

    public RemoteState? Remote { get; set; }

    /// <summary>Whether the journal holds something of this node that the transfer layer has not settled.</summary>
    public bool Pending { get; private set; }

    /// <summary>Journal sequence of the last change that made it pending: a row read before that is too old.</summary>
    public long ChangedSequence { get; private set; }

    /// <summary>Sealed local content, or null. Written under the file's lock.</summary>
    public long? Content { get; set; }

    /// <summary>Open or interrupted generation, or null. Written under the file's lock.</summary>
    public long? OpenGeneration { get; set; }

    /// <summary>Journal sequence of the last seal. Written under the file's lock.</summary>
    public long SealSequence { get; set; }

    public Problem Problem { get; set; }

    /// <summary>Extended attributes in the form in which the object's metadata carries them, or null.</summary>
    public string? ExtendedAttributes { get; set; }

    public NodeFlags Flags { get; set; }

    /// <summary>Left out of the bucket by the user's rule: never pending.</summary>
    public bool IsIgnored
    {
        get => (Flags & NodeFlags.Ignored) != 0;
        set => Flags = value ? Flags | NodeFlags.Ignored : Flags & ~NodeFlags.Ignored;
    }

    /// <summary>ETag of the remote version of which bytes were given out last, so that the kernel may have pages of it;
    /// <see cref="UnknownVersion"/> when the node was loaded, null when there are none. Written under the file's lock.</summary>
    public string? ServedETag { get; set; }

    /// <summary>The bucket has another version under this node's name, which another node stands for: this one is only for those who
    /// have it open.</summary>
    public bool IsSuperseded { get; set; }

    /// <summary>As <see cref="NodeRow.IsUnlearned"/>.</summary>
    public bool IsUnlearned => NodeRow.AreUnlearned(Flags, AttributeVersion, Content, Remote);

    /// <summary>Who is shown as owner and group instead of <see cref="Uid"/> and <see cref="Gid"/>, or null.</summary>
    public (uint Uid, uint Gid)? ShownOwner { get; set; }

    /// <summary>The content while anybody has it open, else null.</summary>
    public OpenFile? File { get; set; }

    /// <summary>Children by name; null until loaded from journal and cache.</summary>
    public Dictionary<string, Node>? Children
    {
        get;
        set
        {
            field = value;
            Folded = null;
            Subdirectories = value?.Values.Count(child => child.IsDirectory) ?? 0;
        }
    }

    /// <summary><see cref="Children"/> by folded name; null until somebody asks who ignores case.</summary>
    public FoldedNames? Folded { get; set; }

    /// <summary>How many of <see cref="Children"/> are directories.</summary>
    public int Subdirectories { get; set; }

    /// <summary>The space that a sealed content was last seen to take; null when not looked at. Written without a lock.</summary>
    public StoredContent? Stored { get; set; }

    /// <summary>When the directory was last listed completely, milliseconds since 1970; null when never.</summary>
    public long? ListedAt { get; set; }

    /// <summary>Of a directory: the mutation with which names last left its listing in the cache.</summary>
    public long TakenSequence { get; set; }

    /// <summary>The listing under way, or null.</summary>
    public DirectoryListing? Listing { get; set; }

    /// <summary>Counter value of the last confirmation by the bucket; a listing asked for before it is too old for this node.</summary>
    public long ConfirmedStamp { get; set; }

    /// <summary>Of a directory: when it or a child was last asked for, in the tree's count of uses.</summary>
    public long LastUse { get; set; }

    public bool IsDirectory => Type == NodeType.Directory;

    /// <summary>The drive's top directory: the one node with a name and no parent.</summary>
    public bool IsRoot { get; private init; }

    /// <summary>True when what is here differs from what the bucket confirmed, or is about to.</summary>
    public bool IsDirty(string? key) => Pending || OpenGeneration is not null || Problem != Problem.None
        || (InJournal && (Remote is null || Remote.Key != key || Remote.AttributeVersion != AttributeVersion
            || (Content is not null && Content != Remote.Generation)));

    /// <summary>Somebody here says whose it is; what is not said becomes what was shown.</summary>
    public void SetOwner(uint? uid, uint? gid)
    {
        Uid = uid ?? ShownOwner?.Uid ?? Uid;
        Gid = gid ?? ShownOwner?.Gid ?? Gid;
        ShownOwner = null;
        Flags &= ~NodeFlags.StoreOwner;
    }

    /// <summary>A mutation with this sequence makes the node pending.</summary>
    public void MarkPending(long sequence)
    {
        Pending = !IsIgnored;
        ChangedSequence = sequence;
    }

    /// <summary>Takes over what the bucket confirmed. False, and nothing is changed, when the row is older than a change made here: the
    /// confirmation of that change will bring it.</summary>
    public bool TryFollow(NodeRow row, long stamp)
    {
        if (row.Changed < ChangedSequence) return false;
        Remote = row.Remote;
        Problem = row.Problem;
        Pending = row.Pending;
        IsIgnored = (row.Flags & NodeFlags.Ignored) != 0;
        ConfirmedStamp = stamp;
        Stored = null; // a content over a base in the bucket has been made whole for its upload
        return true;
    }

    public NodeAttributes Attributes() => new(
        new NodeId(Id), (NodeKind)Type, IsDirectory ? 0 : Size, Mode, ShownOwner?.Uid ?? Uid, ShownOwner?.Gid ?? Gid, AccessTime, ModifyTime, ChangeTime,
        LinkCount)
    {
        CacheFor = TimeSpan.FromMinutes(1),
    };

    /// <summary>2 and one for each subdirectory, or 1 where they are not all known: what programs take for "not counted".</summary>
    private uint LinkCount => this switch
    {
        { Parent: null, IsRoot: false } => 0,
        { IsDirectory: true, Children: not null } when Tree.IsComplete(this) => 2 + (uint)Subdirectories,
        _ => 1,
    };

    public NodeRow ToRow(long drive) => new()
    {
        Id = Id,
        Drive = drive,
        Parent = Parent?.Id ?? 0,
        Name = Name,
        Type = Type,
        Mode = Mode,
        Uid = Uid,
        Gid = Gid,
        AccessTime = AccessTime,
        ModifyTime = ModifyTime,
        ChangeTime = ChangeTime,
        Target = Target,
        Size = Size,
        Content = Content,
        Open = OpenGeneration,
        AttributeVersion = AttributeVersion,
        Remote = Remote,
        ExtendedAttributes = ExtendedAttributes,
        Flags = Flags,
    };

    public static Node FromRow(NodeRow row, bool inJournal) => new(row.Id, row.Type)
    {
        Name = row.Name,
        IsRoot = row.Parent == 0,
        Mode = row.Mode,
        Uid = row.Uid,
        Gid = row.Gid,
        AccessTime = row.AccessTime,
        ModifyTime = row.ModifyTime,
        ChangeTime = row.ChangeTime,
        Target = row.Target,
        Size = row.Type == NodeType.Symlink && row.Target is { } target ? System.Text.Encoding.UTF8.GetByteCount(target) : row.Size,
        Content = row.Content,
        OpenGeneration = row.Open,
        AttributeVersion = row.AttributeVersion,
        Remote = row.Remote,
        Problem = row.Problem,
        Pending = row.Pending,
        ChangedSequence = row.Changed,
        ExtendedAttributes = row.ExtendedAttributes,
        Flags = row.Flags,
        ServedETag = UnknownVersion,
        InJournal = inJournal,
    };
}

/// <summary>The space that a sealed content takes on the local disk.</summary>
internal sealed record StoredContent(long Generation, long Bytes);
