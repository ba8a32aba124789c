using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Aborts uploads that nobody goes on with, until the store confirms it. Only ids that stand in the journal.</summary>
internal sealed class UploadReaper(TransferContext context, UploadCheckpoint checkpoint, Func<long, bool> isRunning)
{
    /// <summary>After a restart: an intent without an id may have reached the store; nobody knows.</summary>
    public void Recover()
    {
        foreach (var row in context.Reader.Uploads(context.Drive.Id).Where(row => row.Phase == UploadPhase.Intent)) checkpoint.Lose(row);
    }

    /// <summary>One look at all uploads. Throws the first passing error when something is left to do.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        StoreException? failure = null;
        foreach (var row in context.Reader.Uploads(context.Drive.Id))
        {
            try
            {
                if (row.Phase == UploadPhase.Aborting) await AbortAsync(row, stop);
                else if (row.Phase is UploadPhase.Active or UploadPhase.Completing && !isRunning(row.Node) && IsDead(row)) await BuryAsync(row, stop);
            }
            catch (StoreException e) when (e.IsTransient || StoreErrors.IsForTheAccount(e.Kind))
            {
                failure ??= e;
            }
        }

        if (failure is not null) throw failure;
    }

    private bool IsDead(UploadRow row) =>
        context.Reader.Node(row.Node) is null || (row.Generation != 0 && context.Reader.Generation(row.Generation) is null);

    private async Task BuryAsync(UploadRow row, CancellationToken stop)
    {
        // Complete may have gone through although the reply was lost; then the object of a removed node must go too.
        if (row.Phase == UploadPhase.Completing && context.Reader.Node(row.Node) is null) await DoomObjectAsync(row, stop);
        checkpoint.Abandon([row]);
        await AbortAsync(row, stop);
    }

    private async Task DoomObjectAsync(UploadRow row, CancellationToken stop)
    {
        if (await context.Store.HeadAsync(row.Key, stop) is not { } found) return;
        var ghost = new NodeRow { Id = row.Node, Drive = row.Drive, Parent = 0, Name = "", Type = NodeType.File };
        var target = new SendTarget(
            ghost, row.Key, Expectation.Absent, row.Generation, row.Size, null, ObjectMetadata.Of(ghost, row.Generation, context.MachineId));
        if (ObjectMetadata.IsSame(found, target) && found.Size == row.Size) new Confirmer(context).Found(target, found);
    }

    private async Task AbortAsync(UploadRow row, CancellationToken stop)
    {
        try
        {
            if (row.UploadId is { } id) await context.Store.AbortMultipartAsync(row.Key, id, stop);
        }
        catch (StoreException e) when (!e.IsTransient && !StoreErrors.IsForTheAccount(e.Kind) && e.Kind != StoreErrorKind.NoSuchUpload)
        {
            // The row's key or id may be damaged. It stays listed for the user instead of being tried for ever.
            context.Logger.LogWarning("upload {Upload} of {Key} cannot be aborted: {Error}", row.Id, row.Key, StoreErrors.Explain(e));
            checkpoint.Lose(row);
            return;
        }

        checkpoint.Remove(row);
    }
}
