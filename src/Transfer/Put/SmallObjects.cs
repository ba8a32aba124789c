using System.Security.Cryptography;
using System.Text;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Directory markers, symbolic links, FIFOs and sockets.</summary>
internal sealed class SmallObjects(TransferContext context, GuardedWrite write)
{
    /// <summary>Puts a directory's marker: an empty object whose key ends in "/".</summary>
    public Task PutMarkerAsync(NodeRow node, Step.PutMarker step, CancellationToken cancellationToken) =>
        PutAsync(node, step.Key, step.Expected, [], ObjectMetadata.DirectoryContentType, cancellationToken);

    /// <summary>Puts a link, whose content is the target, or an empty FIFO or socket; the mode says which, as s3fs and ossfs have it.</summary>
    public Task PutNodeAsync(NodeRow node, Step.PutNode step, CancellationToken cancellationToken) =>
        PutAsync(node, step.Key, step.Expected, Encoding.UTF8.GetBytes(step.Target), null, cancellationToken);

    private Task PutAsync(
        NodeRow node, string key, Expectation expected, byte[] bytes, string? contentType, CancellationToken cancellationToken)
    {
        var crc = Crc64.Compute(bytes);
        var target = new SendTarget(node, key, expected, null, bytes.Length, crc, ObjectMetadata.Of(node, null, context.MachineId));
        var content = new MemoryContent(bytes) { Crc64 = crc, Md5 = MD5.HashData(bytes) };
        return write.RunAsync(
            target, context.Form.Of(target, contentType), Proof.PartChecksums, adopt: false,
            options => context.Store.PutAsync(key, content, options, cancellationToken), cancellationToken);
    }

    private sealed class MemoryContent(byte[] bytes) : ObjectContent
    {
        public override long Length => bytes.Length;

        public override Stream OpenRead() => new MemoryStream(bytes, writable: false);
    }
}
