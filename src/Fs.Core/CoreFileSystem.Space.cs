using System.Buffers;
using SyncAgent.Journal;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <summary>Most bytes of one copy: a caller asks again for the rest, and no thread of the adapter is held for long.</summary>
    private const long MaxCopy = 4L << 20;

    private const int CopyBuffer = 1 << 20;

    /// <inheritdoc/>
    public ValueTask<FsResult<Nothing>> ChangeSpaceAsync(
        OpContext context, HandleId handle, SpaceChange change, long offset, long length, bool keepSize, bool clearSetId)
    {
        if (_handles.Find(handle) is not { CanWrite: true } opened) return new(FsError.BadHandle);
        if (opened.File.ChangeSpace(change, offset, length, keepSize) is { } error) return new(error);
        DropPrivileges(opened.Node, clearSetId);
        return new(default(Nothing));
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<long>> SeekAsync(OpContext context, HandleId handle, long offset, bool data) =>
        new(_handles.Find(handle) is { } opened ? opened.File.Seek(offset, data) : FsError.BadHandle);

    /// <inheritdoc/>
    public async ValueTask<FsResult<long>> CopyAsync(
        OpContext context, HandleId source, long sourceOffset, HandleId target, long targetOffset, long length, bool clearSetId)
    {
        if (_handles.Find(source) is not { CanRead: true } from || _handles.Find(target) is not { CanWrite: true } to) return FsError.BadHandle;
        if (sourceOffset < 0 || targetOffset < 0 || length < 0) return FsError.InvalidArgument;
        length = Math.Min(length, MaxCopy);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(length, CopyBuffer));
        var copied = 0L;
        try
        {
            while (copied < length)
            {
                var block = buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - copied));
                var read = await from.File.ReadAsync(context, sourceOffset + copied, block);
                if (read.Error is { } unread) return copied > 0 ? copied : unread;
                if (read.Value == 0) break;
                var written = to.File.Write(targetOffset + copied, block.Span[..read.Value]);
                if (written.Error is { } unwritten) return copied > 0 ? copied : unwritten;
                copied += written.Value;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        NoteAccess(from.Node);
        if (copied > 0) DropPrivileges(to.Node, clearSetId);
        return copied;
    }

    /// <summary>Attributes with the space that the content takes. That may ask the disk: not under the tree's lock, since a writer of the
    /// file may hold the file's.</summary>
    private NodeAttributes Describe(Node node)
    {
        NodeAttributes attributes;
        OpenFile? file;
        long? content;
        lock (_tree.Lock) (attributes, file, content) = (node.Attributes(), node.File, node.Content);
        if (attributes.Kind != NodeKind.File) return attributes;
        return (file?.StoredBytes() ?? ContentBytes(node, content)) is { } stored ? attributes with { StoredBytes = stored } : attributes;
    }

    private FsResult<NodeAttributes> Described(FsResult<Node> found) => found.Error ?? (FsResult<NodeAttributes>)Describe(found.Value);

    private long? ContentBytes(Node node, long? content)
    {
        if (content is not { } generation) return null;
        if (node.Stored is { } known && known.Generation == generation) return known.Bytes;
        if (_rows.Content(generation) is not { } source) return null; // sealed a moment ago, not committed yet
        try
        {
            using var reader = ContentReader.Open(_journal.Files, source);
            node.Stored = new StoredContent(generation, reader.StoredBytes);
            return node.Stored.Bytes;
        }
        catch (IOException)
        {
            return null; // a base that was folded or given back a moment ago; the next question finds what took its place
        }
    }
}
