using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Renames, parking and metadata: copies on the server, from a source that must still be what was confirmed.</summary>
internal sealed class ServerCopy(
    TransferContext context, GuardedWrite write, MultipartCopier multipart, Confirmer confirmer, UploadCheckpoint checkpoint)
{
    private static readonly TimeSpan UntilLookedAgain = TimeSpan.FromSeconds(1);

    /// <summary>Copies the confirmed object to another key.</summary>
    public async Task CopyAsync(NodeJob job, NodeRow node, RemoteState source, string key, Expectation expected, CancellationToken stop)
    {
        var target = TargetOf(node, source, key, expected);
        var found = await context.Store.HeadAsync(source.Key, job.Token);
        if (found is null || !RemoteGuard.IsExpected(source, found))
        {
            LoseSource(node, source, found, "renamed");
            return;
        }

        try
        {
            await CopyAsync(job, target, found, stop);
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.PreconditionFailed or StoreErrorKind.NotFound)
        {
            // Replaced or deleted since that look: the next one tells which.
            throw new StepPostponedException($"{source.Key} changed in the bucket while it was copied", UntilLookedAgain);
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
            await multipart.CopyAsync(job, target, found, context.Form.OfCopy(target, found), stop);
        }
        else
        {
            checkpoint.BeginWrite(target);
            var stored = await context.Store.CopyAsync(
                source.Key, found.ETag, source.Key, replaceMetadata: true, context.Form.OfCopy(target, found), job.Token);
            confirmer.Stored(target, stored, Proof.CopiedSourceVerified);
        }
    }

    private Task CopyAsync(NodeJob job, SendTarget target, ObjectInfo source, CancellationToken stop)
    {
        var form = context.Form.OfCopy(target, source);
        return target.Size > context.Store.Capabilities.MaxCopySize
            ? multipart.CopyAsync(job, target, source, form, stop)
            : write.RunAsync(
                target, form, Proof.CopiedSourceVerified, adopt: true,
                options => context.Store.CopyAsync(source.Key, source.ETag, target.Key, replaceMetadata: true, options, job.Token), job.Token);
    }

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
