using System.Collections.Concurrent;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>Completes uploads. Complete goes on in the store when the connection drops, so that after a lost reply the object
/// itself is asked.</summary>
internal sealed class UploadCompleter(TransferContext context, RemoteGuard guard, Confirmer confirmer, UploadCheckpoint checkpoint, StoredRangesFinder finder)
{
    private readonly ConcurrentDictionary<long, bool> _mismatched = new();

    /// <summary>Joins the parts and commits the result.</summary>
    /// <param name="job">The job, which cannot be cancelled any more once Complete is on its way.</param>
    /// <param name="target">What was sent.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="form">How the object is stored, as it was begun.</param>
    /// <param name="parts">All parts, ascending.</param>
    /// <param name="proofWithoutCrc">What proves it where the store states no checksum.</param>
    /// <param name="stop">Ends the process's work.</param>
    public async Task CompleteAsync(
        NodeJob job, SendTarget target, UploadRow upload, ObjectOptions form, IReadOnlyList<PartReference> parts, Proof proofWithoutCrc, CancellationToken stop)
    {
        var check = await guard.CheckAsync(target, look: true, job.Token);
        job.Token.ThrowIfCancellationRequested();
        checkpoint.BeginComplete(upload, target);
        job.MayCancel = () => false;
        StoredObject stored;
        try
        {
            stored = await context.Store.CompleteMultipartAsync(
                target.Key, upload.UploadId!, parts, form with { ForbidOverwrite = check.Verdict == Verdict.Free }, stop);
        }
        catch (StoreException e) when (StoreErrors.IsContradiction(e))
        {
            // The upload is over, and its object is not to be taken for the content.
            guard.Distrust(target);
            checkpoint.Abandon([upload with { Phase = UploadPhase.Completing }]);
            throw;
        }
        catch (StoreException e) when (StoreErrors.LeavesDoubt(e) || e.Kind is StoreErrorKind.NoSuchUpload or StoreErrorKind.AlreadyExists)
        {
            if (await FindAsync(target, stop) is not { } found) throw;
            // Aborting what was completed is harmless, and what was not must not stay behind.
            checkpoint.Abandon([upload with { Phase = UploadPhase.Completing }]);
            confirmer.Found(target, found);
            return;
        }

        if (stored.Crc64 is null && target.MayHoldCopies) throw Unproved(target, upload, stored);
        if (Confirmer.Differs(target, stored.Crc64)) Mismatch(target, upload, stored);
        confirmer.Stored(target, stored, proofWithoutCrc, upload.Id);
        _mismatched.TryRemove(upload.Generation, out _);
        finder.Forget(upload.Generation);
    }

    /// <summary>The object, when it is the one that this upload was to make.</summary>
    private async Task<ObjectInfo?> FindAsync(SendTarget target, CancellationToken stop)
    {
        var after = await guard.CheckAsync(target, look: true, stop);
        return after.Verdict == Verdict.Same && (ObjectMetadata.IsSame(after.Found!, target) || target.HasContent(after.Found!.Size, after.Found.Crc64)) ? after.Found : null;
    }

    /// <summary>An object that was assembled by copies and has no checksum: it is sent once more, all of it.</summary>
    private StoreException Unproved(SendTarget target, UploadRow upload, StoredObject stored)
    {
        checkpoint.Remove(upload);
        guard.Distrust(target);
        finder.RefuseAll();
        return new StoreException(
            StoreErrorKind.ChecksumMismatch, $"the store states no CRC-64 of {target.Key}, which holds parts that it copied itself")
        {
            RequestId = stored.RequestId,
        };
    }

    private void Mismatch(SendTarget target, UploadRow upload, StoredObject stored)
    {
        checkpoint.Remove(upload);
        finder.Refuse(upload.Generation);
        if (_mismatched.TryAdd(upload.Generation, true)) return; // Confirmer throws; it is sent once more from scratch
        throw new StepFailedException(
            Problem.Failed,
            $"the store states CRC-64 {stored.Crc64:x16} of {target.Key} and the content has {target.Crc:x16}, twice in a row. "
            + $"Ask the store's support.{(stored.RequestId is { } id ? $" Request id {id}." : "")}");
    }
}
