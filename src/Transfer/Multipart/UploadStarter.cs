using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Initiates uploads so that no id is lost unnoticed: the intent is committed before, the id right after.</summary>
internal sealed class UploadStarter(TransferContext context, UploadCheckpoint checkpoint)
{
    public async Task<UploadRow> InitiateAsync(SendTarget target, ObjectOptions form, PartPlan plan, CancellationToken cancellationToken)
    {
        var intent = checkpoint.Intend(target, plan);
        string id;
        try
        {
            id = await context.Store.InitiateMultipartAsync(target.Key, form, cancellationToken);
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
