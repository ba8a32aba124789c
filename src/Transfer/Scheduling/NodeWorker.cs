using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Works on one node: plans, acts, confirms, and plans again until nothing is left or something must wait.</summary>
internal sealed class NodeWorker(
    TransferContext context, PlanGatherer gatherer, StepExecutor executor, UploadCheckpoint checkpoint, QuietPeriods quiet, StoreWatch watch,
    IWorkerEvents events)
{
    private const int MaxChecksumAttempts = 6;
    private const int MaxDiskAttempts = 6;

    private static readonly TimeSpan WaitForOthers = TimeSpan.FromSeconds(5);

    public async Task RunAsync(NodeJob job, CancellationToken stop)
    {
        NodeRow? node = null;
        try
        {
            for (var isFirst = true; !stop.IsCancellationRequested; isFirst = false)
            {
                await context.Pause.WaitAsync(job.Token);
                node = context.Reader.Node(job.Node);
                if (node is null || !node.Pending || node.Changed > context.Journal.DurableSequence) return;
                if (isFirst && !job.IsUrgent && node.Due > context.Now) return; // put off since the page was read
                if (gatherer.Gather(node) is not { } input) return; // an ancestor is gone, and this row goes with it
                if (!await ActAsync(job, node, Planner.Next(input), input, stop)) return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // what is pending stays pending, and nothing is aborted on the store: the next run goes on
        }
        catch (OperationCanceledException) when (job.Superseded != Superseded.No)
        {
            AfterSuperseded(job);
        }
        catch (StepPostponedException e)
        {
            Defer(node!, e.Wait, node!.Attempts, e.Message);
        }
        catch (StepFailedException e)
        {
            Fail(node!, e.Problem, e.Message);
        }
        catch (StoreException e)
        {
            AfterStoreError(node!, e, stop);
        }
        catch (Exception e) when (e is FileNotFoundException or EndOfStreamException)
        {
            Fail(node!, Problem.Failed, $"the staged copy cannot be read: {e.Message}. Check the disk of the state folder, then write the file again.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            AfterDiskError(node!, e);
        }
        finally
        {
            job.End();
        }
    }

    private async Task<bool> ActAsync(NodeJob job, NodeRow node, Step step, PlanInput input, CancellationToken stop)
    {
        if (node.IsHeld && step is not Step.Done) return false;
        switch (step)
        {
            case Step.Done:
                checkpoint.Abandon(context.Reader.UploadsOf(node.Id));
                context.Journal.Commit(writer => writer.Settle(node.Id, node.Changed));
                quiet.Forget(node.Id);
                return false;
            case Step.Wait wait:
                events.Waits(node.Id, input.Key);
                if (gatherer.Gather(node) is { } again && Planner.Next(again) is not Step.Wait) return true; // it moved in between
                if (node.Due <= context.Now) Defer(node, WaitForOthers, node.Attempts, wait.Reason);
                return false;
            case Step.SendContent send:
                // Planned again then: what did not survive a power cut is not the file's content any more.
                if (context.Journal.Doubts.Of(send.Generation) is { } doubt)
                {
                    await doubt.WaitAsync(job.Token);
                    return true;
                }

                if (quiet.WaitBefore(node, send.Generation) is { } rest)
                {
                    Defer(node, rest, node.Attempts, "it is still being changed");
                    return false;
                }

                job.Begin(new Sending(
                    send.Generation, send.Key, node.Open, quiet.IsToTheEnd(node), context.Reader.Generation(send.Generation)?.Size ?? node.Size,
                    context.Time.GetUtcNow()));
                events.Begins(job); // a change between the plan and here is noticed now
                break;
            case Step.Copy or Step.Park or Step.UpdateMetadata:
                events.Copies(job);
                break;
        }

        job.Token.ThrowIfCancellationRequested();
        using var turn = context.Keys.TryTake(step.TargetKey!);
        if (turn is null)
        {
            events.Waits(node.Id, step.TargetKey!);
            Defer(node, WaitForOthers, node.Attempts, "the object of this name is just being changed");
            job.End();
            return false;
        }

        // Asked again with the turn in hand: whoever had it before has committed what it did, and may have changed what is expected there.
        if (context.Reader.Node(node.Id) is not { } same || gatherer.Gather(same) is not { } still || Planner.Next(still) != step)
        {
            job.End();
            return true;
        }

        await executor.ExecuteAsync(job, node, step, stop);
        if (step is Step.SendContent) watch.Succeeded();
        job.End();
        return job.Superseded == Superseded.No; // too late to stop it: what came since is another job's
    }

    private void AfterSuperseded(NodeJob job)
    {
        if (job.Superseded == Superseded.Held) return; // it goes on from there; what was cancelled is the reaper's
        var rows = context.Reader.UploadsOf(job.Node).Where(UploadCheckpoint.IsToLeave).ToList();
        var node = context.Reader.Node(job.Node);
        var rest = node is not null && job.Superseded == Superseded.Changed ? quiet.Cancelled(node) : TimeSpan.Zero;
        var due = context.Now + (long)rest.TotalMilliseconds;
        context.Journal.Commit(writer =>
        {
            foreach (var row in rows) writer.SetUploadPhase(row.Id, UploadCheckpoint.PhaseToLeave(row));
            if (node is null || job.Superseded != Superseded.Changed) return;
            writer.CountCancel(node.Id);
            writer.Defer(node.Id, due, node.Attempts, "it was changed while it was sent");
        });
        context.Logger.LogDebug("node {Node} was superseded ({Reason}); {Uploads} uploads are aborted", job.Node, job.Superseded, rows.Count);
    }

    private void AfterStoreError(NodeRow node, StoreException error, CancellationToken stop)
    {
        watch.Report(error, stop);
        var says = error.Explain();
        if (error.Kind is StoreErrorKind.AlreadyExists or StoreErrorKind.PreconditionFailed) Fail(node, Problem.Conflict, says);
        else if (error.Kind is StoreErrorKind.SourceChanged) Fail(node, Problem.Failed, $"the staged bytes changed on disk since they were written. {says}");
        else if (error.Kind is StoreErrorKind.ChecksumMismatch && node.Attempts >= MaxChecksumAttempts) Fail(node, Problem.Failed, says);
        else if (StoreErrors.IsForTheAccount(error.Kind)) Defer(node, context.Backoff.Slow(), node.Attempts + 1, says);
        else if (error.IsTransient || error.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.InvalidPart) DeferFailed(node, says, error.RetryAfter);
        else Fail(node, Problem.Failed, says);
    }

    private void AfterDiskError(NodeRow node, Exception error)
    {
        var says = $"the state folder's disk: {error.Message}";
        if (node.Attempts >= MaxDiskAttempts) Fail(node, Problem.Failed, $"{says}. Check the disk, then retry.");
        else DeferFailed(node, says, null);
    }

    private void DeferFailed(NodeRow node, string error, TimeSpan? atLeast) =>
        Defer(node, context.Backoff.Transient(node.Attempts + 1, atLeast), node.Attempts + 1, error);

    private void Defer(NodeRow node, TimeSpan wait, int attempts, string? error)
    {
        var due = context.Now + Math.Max(1, (long)wait.TotalMilliseconds);
        context.Journal.Commit(writer => writer.Defer(node.Id, due, attempts, error));
    }

    private void Fail(NodeRow node, Problem problem, string error)
    {
        checkpoint.Abandon(context.Reader.UploadsOf(node.Id));
        var history = new HistoryRow(
            0, context.Drive.Id, context.Now, problem == Problem.Conflict ? HistoryKind.Conflict : HistoryKind.Failed, context.KeyOf(node.Id) ?? node.Name, node.Size, null, error);
        context.Journal.Commit(writer =>
        {
            if (writer.Fail(node.Id, problem, error, node.Changed)) writer.AddHistory(history);
        });
        context.Logger.LogWarning("node {Node} needs somebody ({Problem}): {Error}", node.Id, problem, error);
    }
}
