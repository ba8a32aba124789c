using System.Globalization;
using System.Text;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Fs.Core;

public sealed partial class CoreFileSystem
{
    /// <inheritdoc/>
    public ValueTask<FsResult<byte[]>> GetExtendedAttributeAsync(OpContext context, NodeId node, string name)
    {
        if (ExtendedAttributes.Check(name) is { } bad) return new(bad);
        string? encoded;
        RemoteState? remote;
        FileState atRest;
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(node) is not { } found) return new(FsError.NotFound);
            (encoded, remote) = (found.ExtendedAttributes, found.Remote);
            // What has no row has left the journal with nothing to do: of a file the bytes are in the bucket alone, of a folder there is nothing else.
            atRest = found.IsDirectory ? FileState.Synced : FileState.Remote;
        }

        if (ExtendedAttributes.IsOwn(name))
            return new(OwnAttribute(node.Value, name[ExtendedAttributes.OwnPrefix.Length..], remote, atRest) is { } own ? Encoding.UTF8.GetBytes(own) : FsError.NoAttribute);
        if (encoded is null) return new(FsError.NoAttribute);
        return new(ExtendedAttributes.Decode(encoded).TryGetValue(name, out var value) ? value : FsError.NoAttribute);
    }

    /// <inheritdoc/>
    public ValueTask<FsResult<IReadOnlyList<string>>> ListExtendedAttributesAsync(OpContext context, NodeId node)
    {
        string? encoded;
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(node) is not { } found) return new(FsError.NotFound);
            encoded = found.ExtendedAttributes;
        }

        // The agent's own are for asking, not for cp -a to carry elsewhere: also not what another program has put into the object's metadata.
        var names = ExtendedAttributes.Decode(encoded).Keys
            .Where(name => !ExtendedAttributes.IsOwn(name) && (context.Uid == 0 || !ExtendedAttributes.IsTrusted(name)));
        return new((FsResult<IReadOnlyList<string>>)(string[])[.. names]);
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> SetExtendedAttributeAsync(
        OpContext context, NodeId node, string name, ReadOnlyMemory<byte> value, ExtendedAttributeMode mode)
    {
        var copy = value.ToArray();
        return await LearnFirstAsync(context, node) ?? ChangeExtendedAttribute(node, name, copy, mode);
    }

    /// <inheritdoc/>
    public async ValueTask<FsResult<Nothing>> RemoveExtendedAttributeAsync(OpContext context, NodeId node, string name) =>
        await LearnFirstAsync(context, node) ?? ChangeExtendedAttribute(node, name, null, ExtendedAttributeMode.Replace);

    // From local state alone: whoever asks for many of them must not cost requests.
    private string? OwnAttribute(long node, string name, RemoteState? remote, FileState atRest) => name switch
    {
        "state" => (StateOf(node) ?? atRest).ToString().ToLowerInvariant(),
        "progress" => Sending(node)?.Percent.ToString(CultureInfo.InvariantCulture),
        "error" => ErrorOf(node),
        "etag" => Confirmed(node, remote)?.ETag,
        "url" => Confirmed(node, remote) is { } there ? UrlOf(there.Key) : null,
        _ => null,
    };

    // The row, as the state comes from it too: the tree hears a little later what the bucket has confirmed.
    private RemoteState? Confirmed(long node, RemoteState? inTree) => _rows.Node(node) is { } row ? row.Remote : inTree;

    // What keeps it from being sent, or from being read.
    private string? ErrorOf(long node) => _rows.Node(node)?.Error ?? _services.Troubles.Of(node);

    private FsResult<Nothing> ChangeExtendedAttribute(NodeId id, string name, byte[]? value, ExtendedAttributeMode mode)
    {
        if ((value is null ? Refusal() : RefusalOfName()) is { } refused) return refused;
        if (ExtendedAttributes.Check(name) is { } bad) return bad;
        if (ExtendedAttributes.IsOwn(name)) return FsError.NotPermitted;
        IReadOnlyList<Node> promoted;
        long sequence;
        lock (_tree.Lock)
        {
            if (_tree.FindNeedsLock(id) is not { } node) return FsError.NotFound;
            var attributes = ExtendedAttributes.Decode(node.ExtendedAttributes);
            var known = attributes.Remove(name);
            if (known && mode == ExtendedAttributeMode.Create) return FsError.Exists;
            if (!known && mode == ExtendedAttributeMode.Replace) return FsError.NoAttribute;
            if (value is not null) attributes.Add(name, value);
            var encoded = ExtendedAttributes.Encode(attributes);
            if (value is not null && encoded!.Length > _options.MaxExtendedAttributeBytes)
            {
                return new FsError(
                    FsErrorKind.NoSpace,
                    $"the extended attributes would take {encoded.Length} bytes of the object's metadata, at most {_options.MaxExtendedAttributeBytes} are for them");
            }

            promoted = node.Parent is not null || node.IsRoot ? _tree.PromoteNeedsLock(node) : [];
            sequence = EnqueueExtendedAttributesNeedsLock(node, encoded);
        }

        if (Committed(sequence) is { } failed) return failed;
        _tree.MarkListed(promoted);
        return default(Nothing);
    }

    private long EnqueueExtendedAttributesNeedsLock(Node node, string? encoded)
    {
        node.ExtendedAttributes = encoded;
        node.ChangeTime = FsTime.Now(_time);
        node.AttributeVersion++;
        var (id, changed, due) = (node.Id, node.ChangeTime, _services.Due());
        var sequence = _journal.Enqueue(writer => writer.SetExtendedAttributes(id, encoded, changed, due));
        node.MarkPending(sequence);
        return sequence;
    }

    // HANDLE_KILLPRIV_V2 leaves it to the file system: whoever writes, the file has no capabilities then.
    private void DropCapabilityNeedsLock(Node node)
    {
        if (node.ExtendedAttributes is null) return;
        var attributes = ExtendedAttributes.Decode(node.ExtendedAttributes);
        if (attributes.Remove(ExtendedAttributes.Capability)) EnqueueExtendedAttributesNeedsLock(node, ExtendedAttributes.Encode(attributes));
    }
}
