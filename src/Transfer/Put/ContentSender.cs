using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Transfer;

/// <summary>Sends a sealed generation: fills it from its remote base where that is needed, then one put or a multipart upload.</summary>
internal sealed class ContentSender(
    TransferContext context, Hydrator hydrator, GuardedWrite write, MultipartSender multipart, UploadCheckpoint checkpoint)
{
    private static readonly TimeSpan UntilFolded = TimeSpan.FromSeconds(1);

    public async Task SendAsync(NodeJob job, NodeRow node, Step.SendContent step, CancellationToken stop)
    {
        using var pin = context.Journal.Pins.TryPin(step.Generation)
            ?? throw new StepPostponedException("the local copy is being joined with its base", UntilFolded);
        if (context.Reader.Content(step.Generation) is not { } source) return; // changed since: planned again
        if (source.Generation.Base == BaseKind.Remote)
        {
            await hydrator.FillAsync(source, job.Token);
            if (context.Reader.Content(step.Generation) is not { } filled) return;
            source = filled;
        }

        using var content = ContentReader.Open(context.Journal.Files, source);
        var crc = source.Generation.Crc ?? await ComputeCrcAsync(content, job.Token);
        var target = new SendTarget(
            node, step.Key, step.Expected, step.Generation, content.Size, crc, ObjectMetadata.Of(node, step.Generation, context.MachineId));
        if (content.Size > context.Store.Capabilities.MaxObjectSize)
        {
            throw new StepFailedException(
                Problem.Failed,
                $"{step.Key} has {content.Size} bytes and the store takes at most {context.Store.Capabilities.MaxObjectSize} in one object. Split the file.");
        }

        if (content.Size > Math.Min(context.Options.MultipartThreshold, context.Store.Capabilities.MaxPutSize))
        {
            await multipart.SendAsync(job, target, source, content, stop);
            return;
        }

        checkpoint.Abandon(context.Reader.UploadsOf(node.Id)); // of a former, larger content
        job.Progress.Begin(content.Size);
        await PutAsync(job, target, content);
    }

    private async Task PutAsync(NodeJob job, SendTarget target, ContentReader content)
    {
        await context.Pause.WaitAsync(job.Token);
        using var lease = await context.Budget.AcquireAsync(target.Size, job.Token);
        var source = new GenerationSource(content);
        var sums = await Task.Run(() => RangeSums.Compute(source, 0, target.Size, context.SendsMd5, job.Token), job.Token);
        if (sums.Crc != target.Crc) throw Damage.Found(target);
        var body = new SourceContent(source, 0, target.Size, job.Progress) { Crc64 = sums.Crc, Md5 = sums.Md5 };
        job.MayCancel = () => !body.IsSent;
        await write.RunAsync(
            target, context.Form.Of(target), Proof.PartChecksums, adopt: true,
            options => context.Store.PutAsync(target.Key, body, options, job.Token), job.Token);
    }

    private async Task<ulong> ComputeCrcAsync(ContentReader content, CancellationToken cancellationToken)
    {
        var sums = await Task.Run(() => RangeSums.Compute(new GenerationSource(content), 0, content.Size, md5: false, cancellationToken), cancellationToken);
        context.Journal.Commit(writer => writer.SetCrc(content.Generation.Id, sums.Crc));
        context.Journal.Files.AmendMark(content.Generation.Staging, mark => mark with { Crc = sums.Crc });
        return sums.Crc;
    }
}
