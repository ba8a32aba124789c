using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Writes an object in one request: looks, writes, and after "exists already" looks again before it calls it a conflict.</summary>
internal sealed class GuardedWrite(RemoteGuard guard, Confirmer confirmer, UploadCheckpoint checkpoint)
{
    /// <summary>Writes a target.</summary>
    /// <param name="target">What to write.</param>
    /// <param name="form">How it is stored.</param>
    /// <param name="proofWithoutCrc">What proves it where the store states no checksum.</param>
    /// <param name="adopt">Whether an object with the same bytes but other metadata will do for now.</param>
    /// <param name="write">The request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(
        SendTarget target, ObjectOptions form, Proof proofWithoutCrc, bool adopt, Func<ObjectOptions, Task<StoredObject>> write,
        CancellationToken cancellationToken)
    {
        // After a failure the reply may have been lost: then the object may be there.
        for (var look = target.Node.Attempts > 0; ; look = true)
        {
            var check = await guard.CheckAsync(target, look, cancellationToken);
            if (check.Verdict == Verdict.Same && (adopt || ObjectMetadata.IsCurrent(check.Found!, target)))
            {
                confirmer.Found(target, check.Found!);
                return;
            }

            var isNew = check.Verdict == Verdict.Free;
            var isFirst = checkpoint.BeginWrite(target);
            try
            {
                var options = form with { ForbidOverwrite = isNew };
                confirmer.Stored(target, await write(options), proofWithoutCrc);
                return;
            }
            catch (StoreException e) when (e.Kind == StoreErrorKind.AlreadyExists && isNew && !look)
            {
                // Ours after a lost reply, the same bytes, or a conflict: the next look tells.
            }
            catch (StoreException e) when (StoreErrors.IsContradiction(e))
            {
                guard.Distrust(target);
                throw;
            }
            catch (StoreException e) when (isFirst && !StoreErrors.LeavesDoubt(e))
            {
                checkpoint.EndWrite(target); // refused, and there is no earlier write in doubt
                throw;
            }
        }
    }
}
