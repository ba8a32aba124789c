using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Renames, parking and metadata: copies on the server, from a source that must still be what was confirmed.</summary>
internal sealed class ServerCopy(
    TransferContext context, GuardedWrite write, MultipartCopier multipart, Confirmer confirmer, UploadCheckpoint checkpoint)
{
    /// <summary>Copies the confirmed object to another key.</summary>
    public async Task CopyAsync(NodeJob job, NodeRow node, RemoteState source, string key, Expectation expected, CancellationToken stop)
    {
        var target = TargetOf(node, source, key, expected);
        try
        {
            await CopyAsync(job, target, source.Key, source.ETag!, stop);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.PreconditionFailed or StoreErrorKind.NotFound)
        {
            var found = await context.Store.HeadAsync(source.Key, job.Token);
            if (found is not null && RemoteGuard.IsExpected(source, found)) await CopyAsync(job, target, source.Key, found.ETag, stop);
            else LoseSource(node, source, found, "renamed");
        }
    }

    /// <summary>Gives the confirmed object the node's metadata.</summary>
    public async Task UpdateMetadataAsync(NodeJob job, NodeRow node, RemoteState source, CancellationToken stop)
    {
        var target = TargetOf(node, source, source.Key, new Expectation(source));
        var found = await context.Store.HeadAsync(source.Key, job.Token);
        if (found is null)
        {
            LoseSource(node, source, found, "given its new attributes");
        }
        else if (!RemoteGuard.IsExpected(source, found) && !(ObjectMetadata.IsSame(found, target) && found.Size == source.Size))
        {
            throw new StepFailedException(
                node.Content is null ? Problem.Failed : Problem.Conflict,
                $"{source.Key} was replaced in the bucket (ETag {found.ETag}) before it could be given its new attributes");
        }
        else if (ObjectMetadata.IsCurrent(found, target))
        {
            confirmer.Found(target, found);
        }
        else if (source.Size > context.Store.Capabilities.MaxCopySize)
        {
            await multipart.CopyAsync(job, target, source.Key, found.ETag, stop);
        }
        else
        {
            checkpoint.BeginWrite(target);
            var options = new ObjectOptions { Metadata = target.Metadata, ContentType = found.ContentType };
            var stored = await context.Store.CopyAsync(source.Key, found.ETag, source.Key, replaceMetadata: true, options, job.Token);
            confirmer.Stored(target, stored, Proof.CopiedSourceVerified);
        }
    }

    private Task CopyAsync(NodeJob job, SendTarget target, string sourceKey, string sourceETag, CancellationToken stop) =>
        target.Size > context.Store.Capabilities.MaxCopySize
            ? multipart.CopyAsync(job, target, sourceKey, sourceETag, stop)
            : write.RunAsync(
                target, null, Proof.CopiedSourceVerified, adopt: true,
                options => context.Store.CopyAsync(sourceKey, sourceETag, target.Key, replaceMetadata: true, options, job.Token), job.Token);

    private SendTarget TargetOf(NodeRow node, RemoteState source, string key, Expectation expected) => new(
        node, key, expected, source.Generation, source.Size, source.Crc, ObjectMetadata.Of(node, source.Generation, context.MachineId));

    /// <summary>The object is not there any more, or is somebody else's. With a local copy it is sent again; nothing remote is touched.</summary>
    private void LoseSource(NodeRow node, RemoteState source, ObjectInfo? found, string what)
    {
        if (node.Content is { } content && context.Reader.Content(content) is not null)
        {
            context.Journal.Commit(writer => writer.ForgetRemote(node.Id));
            return;
        }

        throw new StepFailedException(
            Problem.Failed,
            $"{source.Key} was {(found is null ? "deleted" : "replaced")} in the bucket before it could be {what}, and there is no local copy");
    }
}
