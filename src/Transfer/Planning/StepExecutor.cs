using SyncAgent.Journal;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Transfer;

/// <summary>Carries out one step. Returns when the bucket confirmed it, or when it must be planned anew; throws otherwise.</summary>
internal sealed class StepExecutor(TransferContext context, ContentSender content, SmallObjects small, ServerCopy copy)
{
    private static readonly TimeSpan WhileBaseIsUsed = TimeSpan.FromSeconds(5);

    public Task ExecuteAsync(NodeJob job, NodeRow node, Step step, CancellationToken stop) => step switch
    {
        Step.SendContent send => content.SendAsync(job, node, send, stop),
        Step.PutMarker marker => small.PutMarkerAsync(node, marker, job.Token),
        Step.PutNode put => small.PutNodeAsync(node, put, job.Token),
        Step.Copy move => copy.CopyAsync(job, node, move.Source, move.Key, move.Expected, stop),
        Step.Park park => copy.CopyAsync(job, node, park.Source, park.Key, park.Expected, stop),
        Step.UpdateMetadata update => UpdateMetadataAsync(job, node, update, stop),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, null),
    };

    // A copy onto itself may give the object another ETag, and an overlay stands on the present one.
    private Task UpdateMetadataAsync(NodeJob job, NodeRow node, Step.UpdateMetadata step, CancellationToken stop) =>
        context.Reader.IsRemoteBase(step.Source.Key)
            ? throw new StepPostponedException("the file is open over the object in the bucket", WhileBaseIsUsed)
            : copy.UpdateMetadataAsync(job, node, step.Source, stop);
}
