using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Initiates uploads so that no id is lost unnoticed: the intent is committed before, the id right after.</summary>
internal sealed class UploadStarter(TransferContext context, UploadCheckpoint checkpoint)
{
    /// <summary>Begins an upload. Not to be cancelled because the file changed: a request cut short loses the id of what the store may
    /// have begun, while an upload whose id is known is aborted.</summary>
    /// <param name="target">What is to be sent.</param>
    /// <param name="form">How it is stored.</param>
    /// <param name="plan">Its parts.</param>
    /// <param name="stop">Ends the engine's work.</param>
    public async Task<UploadRow> InitiateAsync(SendTarget target, ObjectOptions form, PartPlan plan, CancellationToken stop)
    {
        var intent = checkpoint.Intend(target, plan);
        string id;
        try
        {
            id = await context.Store.InitiateMultipartAsync(target.Key, form, stop);
        }
        catch (StoreException e) when (!StoreErrors.LeavesDoubt(e))
        {
            checkpoint.Remove(intent);
            throw;
        }
        catch
        {
            checkpoint.Lose(intent);
            throw;
        }

        return checkpoint.Activate(intent, id);
    }
}
