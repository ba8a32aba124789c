using System.Collections.Concurrent;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Copies an object on the server that is too large for one copy request. Begun anew after a crash: no bytes travel.</summary>
internal sealed class MultipartCopier(
    TransferContext context, RemoteGuard guard, Confirmer confirmer, UploadCheckpoint checkpoint, UploadStarter starter, UploadCompleter completer)
{
    /// <summary>Copies.</summary>
    /// <param name="job">The job.</param>
    /// <param name="target">The copy to make.</param>
    /// <param name="source">The object to copy, which must still be this; may be the target's own, to change metadata.</param>
    /// <param name="form">How the copy is stored.</param>
    /// <param name="stop">Ends the process's work.</param>
    public async Task CopyAsync(NodeJob job, SendTarget target, ObjectInfo source, ObjectOptions form, CancellationToken stop)
    {
        checkpoint.Abandon(context.Reader.UploadsOf(target.Node.Id));
        if (source.Key != target.Key)
        {
            var check = await guard.CheckAsync(target, look: true, job.Token);
            if (check.Verdict == Verdict.Same)
            {
                confirmer.Found(target, check.Found!);
                return;
            }
        }

        var plan = PartPlan.ForCopy(target.Size, context.Store.Capabilities);
        var upload = await starter.InitiateAsync(target, form, plan, stop);
        var parts = new ConcurrentDictionary<int, string>();
        await ParallelParts.RunAsync(Enumerable.Range(1, plan.Count), context.Link, context.Pause, CopyPartAsync, job.Token);
        var references = parts.OrderBy(part => part.Key).Select(part => new PartReference(part.Key, part.Value)).ToList();
        await completer.CompleteAsync(job, target, upload, form, references, Proof.CopiedSourceVerified, stop);

        async Task CopyPartAsync(int number, CancellationToken cancellationToken)
        {
            var range = new ByteRange(plan.OffsetOf(number), plan.LengthOf(number));
            var part = await context.Store.UploadPartCopyAsync(
                target.Key, upload.UploadId!, number, source.Key, source.ETag, range, cancellationToken);
            parts[number] = part.ETag;
        }
    }
}
