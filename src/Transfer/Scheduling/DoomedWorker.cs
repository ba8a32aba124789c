using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Deletes keys that no live node wants, once nobody needs their content, and only while they hold what was given up. A page at a time:
/// one comparison, one request, one commit. Killed anywhere, it leaves tombstones, and doing it again is harmless.
/// </summary>
internal sealed class DoomedWorker(TransferContext context, StoreWatch watch, DoomedCheck check, TrashBin trash, MassDeleteGate gate)
{
    private static readonly TimeSpan WaitForOthers = TimeSpan.FromSeconds(5);

    public async Task RunAsync(IReadOnlyList<DoomedKey> due, CancellationToken stop)
    {
        using var page = new DoomedPage(context);
        try
        {
            Plan(page, due);
            if (page.Open.Count > 0)
            {
                DropChanged(page, await check.CompareAsync(page.Open, stop));
                await trash.KeepAsync(page, stop);
                await DeleteAsync(page, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the tombstones stay
        }
        catch (StoreException e)
        {
            watch.Report(e, stop);
            foreach (var doomed in page.Open) page.Fail(doomed, e);
        }

        page.Commit();
    }

    /// <summary>Finds out what is to be deleted or kept in the trash. The journal is asked with the turn in hand: whoever had it before
    /// has committed what it did.</summary>
    private void Plan(DoomedPage page, IReadOnlyList<DoomedKey> due)
    {
        foreach (var row in due)
        {
            if (!page.TryTake(row))
            {
                page.Defer(row, WaitForOthers, row.Attempts, null);
                continue;
            }

            // Taken back, or given up anew, since the page was read.
            if (context.Reader.Doomed(context.Drive.Id, row.Key) is not { } doomed || doomed.Id != row.Id || doomed.Changed != row.Changed) continue;
            switch (context.Reader.AtOneMoment(() => NextOf(doomed)))
            {
                case DoomedStep.Delete when doomed.Remote.ETag is not null:
                    page.Add(doomed, isToGo: true);
                    break;
                case DoomedStep.Yield when context.GoesToTrash(doomed):
                    page.Add(doomed, isToGo: false);
                    break;
                case DoomedStep.Delete: // a prefix is no object
                    page.Remove(doomed);
                    break;
                case DoomedStep.Drop:
                    page.Drop(doomed);
                    break;
                default:
                    page.Defer(doomed, WaitForOthers, doomed.Attempts, null);
                    break;
            }
        }
    }

    private void DropChanged(DoomedPage page, IReadOnlyDictionary<string, DoomedFound> found)
    {
        foreach (var doomed in page.Open)
        {
            var (finding, error) = found[doomed.Key];
            if (finding == DoomedFinding.Same) continue;
            if (error is not null)
            {
                page.Fail(doomed, error);
                continue;
            }

            if (finding == DoomedFinding.Another)
                context.Logger.LogInformation("{Key} is kept in the bucket: it is not the object that was removed here", doomed.Key);
            page.Remove(doomed);
        }
    }

    private DoomedStep NextOf(DoomedKey doomed) =>
        context.Reader.IsRemoteBase(doomed.Key) || context.Journal.KeyPins.IsPinned(context.Drive.Id, doomed.Remote)
            ? DoomedStep.Wait
            : Planner.Next(context.Reader.NodesAtRemoteKey(context.Drive.Id, doomed.Key), context.WantedBy(doomed.Key));

    private async Task DeleteAsync(DoomedPage page, CancellationToken stop)
    {
        var rows = page.Open.Where(page.IsToGo).ToDictionary(row => row.Key, StringComparer.Ordinal);
        foreach (var waiting in page.Open.Where(row => !page.IsToGo(row))) page.Defer(waiting, WaitForOthers, waiting.Attempts, null);
        if (rows.Count == 0) return;
        IReadOnlyList<DeleteResult> results;
        if (rows.Count == 1)
        {
            await context.Store.DeleteAsync(rows.Keys.Single(), stop);
            results = [new DeleteResult(rows.Keys.Single(), null)];
        }
        else
        {
            results = await context.Store.DeleteManyAsync([.. rows.Keys], stop);
        }

        foreach (var (key, error) in results)
        {
            if (error is null) page.Delete(rows[key]);
            else page.Fail(rows[key], error);
        }

        gate.Deleted(results.Count(result => result.Error is null && rows[result.Key] is { Cause: DoomCause.Removed, Confirmed: false }));
        if (results.FirstOrDefault(result => result.Error is not null)?.Error is { } first) watch.Report(first, stop);
    }
}
