namespace SyncAgent.Fs.Core;

/// <summary>
/// The file system without a kernel. Adapters (FUSE, WinFsp) translate; this decides. Neutral verbs: <em>closed</em> is each
/// close of a descriptor (FUSE FLUSH, WinFsp Cleanup), <em>released</em> the last reference gone (RELEASE, Close).
/// <para>A call that needs the network completes its ValueTask later, on another thread; all others complete before they
/// return, and READ and WRITE of local bytes allocate nothing. Calls never throw for an expected failure. Thread-safe.</para>
/// </summary>
public interface IFileSystem
{
    /// <summary>Id of the drive's top directory. Adapters map the kernel's root to it.</summary>
    NodeId Root { get; }

    /// <summary>Finds a child by name.</summary>
    ValueTask<FsResult<NodeAttributes>> LookupAsync(OpContext context, NodeId parent, string name);

    /// <summary>Finds the children whose names equal a name but for case, for systems that ignore it. In ordinal order, so that everybody agrees
    /// which comes first; empty when there is none.</summary>
    ValueTask<FsResult<DirectoryEntry[]>> LookupFoldedAsync(OpContext context, NodeId parent, string name);

    /// <summary>Attributes of a name that a reader of its directory meets, for a listing with all attributes: what is known now, and no
    /// request to the store on its behalf. NotFound when the name is gone.</summary>
    FsResult<NodeAttributes> ReadEntry(NodeId directory, string name);

    /// <summary>Attributes of a node; <paramref name="handle"/> may name an open file that no longer has a name.</summary>
    ValueTask<FsResult<NodeAttributes>> GetAttributesAsync(OpContext context, NodeId node, HandleId? handle);

    /// <summary>Changes attributes. Fields left null stay.</summary>
    ValueTask<FsResult<NodeAttributes>> SetAttributesAsync(OpContext context, NodeId node, HandleId? handle, AttributeChanges changes);

    /// <summary>Creates and opens a file. With <see cref="OpenFlags.Exclusive"/> an existing name is an error, else it is opened.</summary>
    ValueTask<FsResult<OpenedFile>> CreateAsync(OpContext context, NodeId parent, string name, uint mode, OpenFlags flags);

    /// <summary>Makes a file, FIFO or socket without opening it; other kinds are NotPermitted.</summary>
    ValueTask<FsResult<NodeAttributes>> MakeNodeAsync(OpContext context, NodeId parent, string name, NodeKind kind, uint mode);

    /// <summary>Opens a file.</summary>
    ValueTask<FsResult<OpenedFile>> OpenAsync(OpContext context, NodeId node, OpenFlags flags);

    /// <summary>Reads into <paramref name="buffer"/>; fewer bytes than asked only at the end of the file.</summary>
    ValueTask<FsResult<int>> ReadAsync(OpContext context, HandleId handle, long offset, Memory<byte> buffer);

    /// <summary>Writes all of <paramref name="data"/>.</summary>
    /// <param name="context">Caller.</param>
    /// <param name="handle">Open for writing.</param>
    /// <param name="offset">Bytes from the start; appends come with the kernel's offset.</param>
    /// <param name="data">Bytes; not kept after the call completes.</param>
    /// <param name="clearSetId">Whether the caller's write must clear set-user-id and set-group-id.</param>
    ValueTask<FsResult<int>> WriteAsync(OpContext context, HandleId handle, long offset, ReadOnlyMemory<byte> data, bool clearSetId);

    /// <summary>Takes, gives back or clears space of an open file. NoSpace comes here, not with the writes that the space was taken for.</summary>
    /// <param name="context">Caller.</param>
    /// <param name="handle">Open for writing.</param>
    /// <param name="change">What to do.</param>
    /// <param name="offset">Start in bytes.</param>
    /// <param name="length">Bytes, above 0.</param>
    /// <param name="keepSize">Whether the file's length stays also where the range goes beyond it.</param>
    /// <param name="clearSetId">Whether the change must clear set-user-id and set-group-id.</param>
    ValueTask<FsResult<Nothing>> ChangeSpaceAsync(
        OpContext context, HandleId handle, SpaceChange change, long offset, long length, bool keepSize, bool clearSetId);

    /// <summary>Offset of the next data, or else of the next hole, from an offset on; the end of the file is a hole. NoData beyond the end, and
    /// where only holes follow. What only the bucket holds counts as data.</summary>
    ValueTask<FsResult<long>> SeekAsync(OpContext context, HandleId handle, long offset, bool data);

    /// <summary>Copies bytes from one open file to another, or within one where the ranges do not overlap.</summary>
    /// <returns>Bytes copied: fewer than asked at the end of the source, and when they are many.</returns>
    ValueTask<FsResult<long>> CopyAsync(
        OpContext context, HandleId source, long sourceOffset, HandleId target, long targetOffset, long length, bool clearSetId);

    /// <summary>A descriptor was closed: commits what was written so that it survives a kill of this process. Its error is the
    /// error of close().</summary>
    ValueTask<FsResult<Nothing>> ClosedAsync(OpContext context, HandleId handle);

    /// <summary>The last reference to the handle is gone; never fails. The last writer's release queues the upload.</summary>
    void Released(HandleId handle);

    /// <summary>The connection to the kernel broke before the handle was released: as <see cref="Released"/>, but what was written since
    /// the last close is kept as interrupted and not published.</summary>
    void Abandoned(HandleId handle);

    /// <summary>Returns when the handle's bytes, and its name, survive a power cut.</summary>
    ValueTask<FsResult<Nothing>> SyncAsync(OpContext context, HandleId handle);

    /// <summary>Makes a directory.</summary>
    ValueTask<FsResult<NodeAttributes>> MakeDirectoryAsync(OpContext context, NodeId parent, string name, uint mode);

    /// <summary>Removes an empty directory.</summary>
    ValueTask<FsResult<Nothing>> RemoveDirectoryAsync(OpContext context, NodeId parent, string name);

    /// <summary>Removes a file's name; open handles keep its bytes.</summary>
    ValueTask<FsResult<Nothing>> UnlinkAsync(OpContext context, NodeId parent, string name);

    /// <summary>Renames within the drive.</summary>
    ValueTask<FsResult<Nothing>> RenameAsync(
        OpContext context, NodeId parent, string name, NodeId newParent, string newName, RenameMode mode);

    /// <summary>Makes a symbolic link.</summary>
    ValueTask<FsResult<NodeAttributes>> MakeSymlinkAsync(OpContext context, NodeId parent, string name, string target);

    /// <summary>Target of a symbolic link.</summary>
    ValueTask<FsResult<string>> ReadSymlinkAsync(OpContext context, NodeId node);

    /// <summary>Opens a directory: takes a snapshot that a reader pages through. Adapters add "." and "..".</summary>
    ValueTask<FsResult<DirectorySnapshot>> OpenDirectoryAsync(OpContext context, NodeId node);

    /// <summary>Returns when the directory's entries survive a power cut.</summary>
    ValueTask<FsResult<Nothing>> SyncDirectoryAsync(OpContext context, NodeId node);

    /// <summary>Space and counts.</summary>
    ValueTask<FsResult<VolumeStatistics>> GetStatisticsAsync(OpContext context);

    /// <summary>An extended attribute's value (name as the user writes it, e.g. "user.syncagent.state").</summary>
    ValueTask<FsResult<byte[]>> GetExtendedAttributeAsync(OpContext context, NodeId node, string name);

    /// <summary>Names of a node's extended attributes.</summary>
    ValueTask<FsResult<IReadOnlyList<string>>> ListExtendedAttributesAsync(OpContext context, NodeId node);

    /// <summary>Sets an extended attribute of the namespaces user, trusted and security. NotSupported in others, NotPermitted for the agent's
    /// own, NoSpace when the object's metadata could not carry it.</summary>
    ValueTask<FsResult<Nothing>> SetExtendedAttributeAsync(
        OpContext context, NodeId node, string name, ReadOnlyMemory<byte> value, ExtendedAttributeMode mode);

    /// <summary>Removes an extended attribute; NoAttribute when there is none.</summary>
    ValueTask<FsResult<Nothing>> RemoveExtendedAttributeAsync(OpContext context, NodeId node, string name);

    /// <summary>The adapter forgets <paramref name="count"/> references that look-ups, creations and listings gave it.</summary>
    void Forget(NodeId node, ulong count);

    /// <summary>Where changes that did not come through this adapter are announced, so that kernel caches can be dropped.
    /// Called without locks held, never from inside a call of this interface.</summary>
    event Action<FsInvalidation>? Invalidated;
}
