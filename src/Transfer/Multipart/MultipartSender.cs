using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Sends a sealed generation in parts, going on where an earlier run stopped.</summary>
internal sealed class MultipartSender(
    TransferContext context, RemoteGuard guard, Confirmer confirmer, UploadCheckpoint checkpoint, UploadStarter starter, UploadCompleter completer,
    StoredRangesFinder finder)
{
    /// <summary>How often an upload that the store lost is begun anew before the node waits its turn again.</summary>
    private const int Rounds = 3;

    private readonly PartSender _parts = new(context.Store, context.Budget, context.Link, context.Pause, context.SendsMd5);
    private readonly PartCopier _copier = new(context, guard, checkpoint, finder);

    public async Task SendAsync(NodeJob job, SendTarget target, ContentSource generation, ContentReader content, CancellationToken stop)
    {
        var source = new GenerationSource(content);
        var stored = finder.Find(target.Node, generation);
        target = target with { MayHoldCopies = stored is not null };
        for (var round = 1; ; round++)
        {
            // Also recognises an upload that was completed although its reply, or this process, was lost.
            var check = await guard.CheckAsync(target, look: true, job.Token);
            if (check.Verdict == Verdict.Same)
            {
                checkpoint.Abandon(context.Reader.UploadsOf(target.Node.Id));
                confirmer.Found(target, check.Found!);
                return;
            }

            var upload = checkpoint.FindUsable(target);
            var isResumed = upload is not null;
            // What the object's metadata was when it was begun is not known any more: the next step looks at the object.
            var sent = isResumed ? target with { Attributes = RemoteStateVersions.Unknown } : target;
            upload ??= await starter.InitiateAsync(
                target, context.Form.Of(target), PartPlan.For(target.Size, context.Options, context.Store.Capabilities, context.Link.PartSize), stop);
            try
            {
                await SendAsync(job, sent, upload, isResumed, source, stored, stop);
                context.Link.UploadSucceeded();
                return;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.InvalidPart)
            {
                // Aborting an upload that is gone is harmless, and one that is not gone must not stay behind.
                checkpoint.Abandon([upload]);
                if (round == Rounds) throw;
            }
        }
    }

    private async Task SendAsync(
        NodeJob job, SendTarget target, UploadRow upload, bool isResumed, GenerationSource source, StoredRanges? stored, CancellationToken stop)
    {
        var kept = isResumed
            ? await PartReconciler.KeepAsync(context.Store, upload, context.Reader.Parts(upload.Id), source, checkpoint.Forget, job.Token)
            : [];
        job.Progress.Begin(target.Size);
        job.Progress.AddHeld(kept.Sum(part => part.Length));
        if (stored is not null) kept = [.. kept, .. await _copier.CopyAsync(job, target, upload, stored, source, kept)];
        var parts = await _parts.SendAsync(upload, source, kept, job.Progress, checkpoint.Record, job.Token);
        if (PartSender.Crc(parts) != target.Crc) throw Damage.Found(target);
        await completer.CompleteAsync(job, target, upload, context.Form.Of(target), PartSender.References(parts), Proof.PartChecksums, stop);
    }
}
