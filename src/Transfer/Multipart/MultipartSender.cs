using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Sends a sealed generation in parts, going on where an earlier run stopped.</summary>
internal sealed class MultipartSender(
    TransferContext context, RemoteGuard guard, Confirmer confirmer, UploadCheckpoint checkpoint, UploadStarter starter,
    PartReconciler reconciler, UploadCompleter completer)
{
    /// <summary>How often an upload that the store lost is begun anew before the node waits its turn again.</summary>
    private const int Rounds = 3;

    public async Task SendAsync(NodeJob job, SendTarget target, ContentReader content, CancellationToken stop)
    {
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
            upload ??= await starter.InitiateAsync(target, PartPlan.For(target.Size, context.Options, context.Store.Capabilities), job.Token);
            try
            {
                await SendAsync(job, target, upload, isResumed, content, stop);
                return;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.NoSuchUpload)
            {
                checkpoint.Remove(upload);
                if (round == Rounds) throw;
            }
            catch (StoreException e) when (e.Kind is StoreErrorKind.InvalidPart)
            {
                checkpoint.Abandon([upload]);
                if (round == Rounds) throw;
            }
        }
    }

    private async Task SendAsync(
        NodeJob job, SendTarget target, UploadRow upload, bool isResumed, ContentReader content, CancellationToken stop)
    {
        var plan = new PartPlan(upload.Size, upload.PartSize);
        var parts = isResumed ? await reconciler.KeepAsync(upload, plan, content, job.Token) : [];
        job.Progress.Reset();
        foreach (var part in parts.Values)
        {
            job.Progress.Add(part.Length);
            job.Progress.Confirm(part.Length);
        }

        var missing = Enumerable.Range(1, plan.Count).Where(number => !parts.ContainsKey(number)).ToList();
        await ParallelParts.RunAsync(missing, context.Options.ParallelParts, SendPartAsync, job.Token);
        var sorted = parts.Values.OrderBy(part => part.Number).ToList();
        if (sorted.Aggregate(0UL, (crc, part) => Crc64.Combine(crc, part.Crc, part.Length)) != target.Crc) throw Damage.Found(target);
        await completer.CompleteAsync(
            job, target, upload, sorted.ConvertAll(part => new PartReference(part.Number, part.ETag)), Proof.PartChecksums, stop);

        async Task SendPartAsync(int number, CancellationToken cancellationToken)
        {
            var part = await SendOneAsync(job, upload, plan, number, content, cancellationToken);
            lock (parts) parts.Add(number, part);
        }
    }

    private async Task<PartRow> SendOneAsync(
        NodeJob job, UploadRow upload, PartPlan plan, int number, ContentReader content, CancellationToken cancellationToken)
    {
        var (offset, length) = (plan.OffsetOf(number), plan.LengthOf(number));
        using var lease = await context.Budget.AcquireAsync(length, cancellationToken);
        var sums = RangeSums.Compute(content, offset, length, md5: true, cancellationToken);
        var body = new GenerationContent(content, offset, length, job.Progress) { Crc64 = sums.Crc, Md5 = sums.Md5 };
        try
        {
            var stored = await context.Store.UploadPartAsync(upload.Key, upload.UploadId!, number, body, cancellationToken);
            if (stored.Crc64 is { } crc && crc != sums.Crc)
            {
                throw new StoreException(
                    StoreErrorKind.ChecksumMismatch, $"the store states CRC-64 {crc:x16} of part {number}, the bytes have {sums.Crc:x16}");
            }

            var row = new PartRow(upload.Id, number, offset, length, sums.Crc, stored.ETag, true);
            checkpoint.Record(row);
            job.Progress.Confirm(length);
            return row;
        }
        catch
        {
            body.TakeBack();
            throw;
        }
    }
}
