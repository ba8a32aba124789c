using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Aborts uploads that nobody goes on with, until the store confirms it, and settles writes that nobody waits for. Only
/// ids that stand in the journal.</summary>
internal sealed class UploadReaper(TransferContext context, UploadCheckpoint checkpoint, Strays strays, Func<long, bool> isRunning)
{
    /// <summary>After a restart: an intent without an id may have reached the store; nobody knows.</summary>
    public void Recover()
    {
        foreach (var row in context.Reader.Uploads(context.Drive.Id).Where(row => row.Phase == UploadPhase.Intent)) checkpoint.Lose(row);
    }

    /// <summary>One look at all uploads. Throws the first passing error when something is left to do.</summary>
    /// <returns>When to look again, in milliseconds since 1970, or null.</returns>
    public async Task<long?> RunAsync(CancellationToken stop)
    {
        StoreException? failure = null;
        long? again = null;
        foreach (var row in context.Reader.Uploads(context.Drive.Id))
        {
            try
            {
                if (row.Phase == UploadPhase.Aborting) await AbortAsync(row, stop);
                if (isRunning(row.Node)) continue;
                if (row.Phase is UploadPhase.Active or UploadPhase.Completing && IsDead(row))
                {
                    checkpoint.Abandon([row]);
                    await AbortAsync(row, stop);
                }
                else if (row.Phase == UploadPhase.Writing && await strays.SettleAsync(row, stop) is { } time)
                {
                    again = Math.Min(again ?? time, time);
                }
            }
            catch (StoreException e) when (e.IsTransient || StoreErrors.IsForTheAccount(e.Kind))
            {
                failure ??= e;
            }
        }

        if (failure is not null) throw failure;
        return again;
    }

    private bool IsDead(UploadRow row) =>
        context.Reader.Node(row.Node) is not { } node || (node.Flags & NodeFlags.Ignored) != 0 || node.IsCancelled || (row.Generation != 0 && context.Reader.Generation(row.Generation) is null);

    private async Task AbortAsync(UploadRow row, CancellationToken stop)
    {
        try
        {
            if (row.UploadId is { } id) await context.Store.AbortMultipartAsync(row.Key, id, stop);
        }
        catch (StoreException e) when (!e.IsTransient && !StoreErrors.IsForTheAccount(e.Kind) && e.Kind != StoreErrorKind.NoSuchUpload)
        {
            // The row's key or id may be damaged. It stays listed for the user instead of being tried for ever.
            context.Logger.LogWarning("upload {Upload} of {Key} cannot be aborted: {Error}", row.Id, row.Key, e.Explain());
            checkpoint.Lose(row);
            return;
        }

        checkpoint.Remove(row);
    }
}
