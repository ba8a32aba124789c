using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Deletes keys that no live node wants, once nobody needs their content, and only while they hold what was given up.</summary>
internal sealed class DoomedWorker(TransferContext context, StoreWatch watch)
{
    private static readonly TimeSpan WaitForOthers = TimeSpan.FromSeconds(5);

    public async Task RunAsync(DoomedKey doomed, CancellationToken stop)
    {
        try
        {
            // The journal is asked with the turn in hand: whoever had it before has committed what it did.
            using var turn = context.Keys.TryTake(doomed.Key);
            var step = turn is null || context.Reader.IsRemoteBase(doomed.Key)
                ? DoomedStep.Wait
                : Planner.Next(context.Reader.NodesAtRemoteKey(context.Drive.Id, doomed.Key), context.WantedBy(doomed.Key));
            if (step == DoomedStep.Wait)
            {
                Defer(doomed, WaitForOthers, doomed.Attempts, null);
                return;
            }

            if (step == DoomedStep.Delete) await DeleteAsync(doomed, stop);
            context.Journal.Commit(writer => writer.RemoveDoomed(doomed.Id, doomed.Changed));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the tombstone stays
        }
        catch (StoreException e)
        {
            AfterStoreError(doomed, e, stop);
        }
    }

    private async Task DeleteAsync(DoomedKey doomed, CancellationToken stop)
    {
        if (doomed.Remote.ETag is null) return; // a prefix, not an object
        var found = await context.Store.HeadAsync(doomed.Key, stop);
        if (found is null) return;
        if (!RemoteGuard.IsExpected(doomed.Remote, found))
        {
            context.Logger.LogInformation("{Key} is kept in the bucket: it is not the object that was removed here", doomed.Key);
            return;
        }

        await context.Store.DeleteAsync(doomed.Key, stop);
    }

    private void AfterStoreError(DoomedKey doomed, StoreException error, CancellationToken stop)
    {
        watch.Report(error, stop);
        var says = error.Explain();
        if (StoreErrors.IsForTheAccount(error.Kind)) Defer(doomed, context.Backoff.Slow(), doomed.Attempts + 1, says);
        else if (error.IsTransient) Defer(doomed, context.Backoff.Transient(doomed.Attempts + 1), doomed.Attempts + 1, says);
        else context.Journal.Commit(writer => writer.DeferDoomed(doomed.Id, doomed.Due, doomed.Attempts + 1, Problem.Failed, says, doomed.Changed));
    }

    private void Defer(DoomedKey doomed, TimeSpan wait, int attempts, string? error)
    {
        var due = context.Now + Math.Max(1, (long)wait.TotalMilliseconds);
        context.Journal.Commit(writer => writer.DeferDoomed(doomed.Id, due, attempts, Problem.None, error, doomed.Changed));
    }
}
