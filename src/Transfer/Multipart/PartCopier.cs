using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Makes the parts of an upload that did not change since the last synced version by copies on the server. A copy counts only when the
/// store states its checksum and that is the one of the local bytes: nothing is completed that was not proved before. What cannot be
/// copied is left to be sent.
/// </summary>
internal sealed class PartCopier(TransferContext context, RemoteGuard guard, UploadCheckpoint checkpoint, StoredRangesFinder finder)
{
    /// <summary>Copies what is unchanged and not there yet.</summary>
    /// <param name="job">The job; its progress counts.</param>
    /// <param name="target">What is sent.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="stored">What the bucket holds.</param>
    /// <param name="source">The local bytes.</param>
    /// <param name="kept">Parts that the upload has already.</param>
    /// <returns>The parts that were copied and proved, recorded.</returns>
    public async Task<IReadOnlyCollection<PartRow>> CopyAsync(
        NodeJob job, SendTarget target, UploadRow upload, StoredRanges stored, IPartSource source, IReadOnlyCollection<PartRow> kept)
    {
        if (finder.IsRefused(upload.Generation)) return [];
        var plan = new PartPlan(upload.Size, upload.PartSize);
        var copied = new ConcurrentBag<PartRow>();
        var unstated = new ConcurrentBag<PartRow>();
        var isDenied = false;
        try
        {
            await ParallelParts.RunAsync(
                stored.PartsOf(plan).Except(kept.Select(part => part.Number)), context.Link, context.Pause, CopyPartAsync, job.Token);
        }
        catch (StoreException e) when (IsForSending(e))
        {
            // Replaced or deleted since, or keys that may not read: the local bytes go up instead.
            finder.Refuse(upload.Generation);
            context.Logger.LogInformation("unchanged parts of {Key} are sent after all: {Error}", target.Key, e.Message);
            isDenied = true;
        }

        if (!unstated.IsEmpty) await ProveAsync();
        if (isDenied) await guard.CheckAsync(target, look: true, job.Token); // a conflict is told before much is sent
        return copied;

        async Task CopyPartAsync(int number, CancellationToken cancellationToken)
        {
            var range = new ByteRange(plan.OffsetOf(number), plan.LengthOf(number));
            var local = RangeSums.Compute(source, range.Offset, range.Length, md5: false, cancellationToken).Crc;
            var part = await context.Store.UploadPartCopyAsync(
                upload.Key, upload.UploadId!, number, stored.Key, stored.ETag, range, cancellationToken);
            var row = new PartRow(upload.Id, number, range.Offset, range.Length, local, part.ETag, true);
            if (part.Crc64 is { } crc) Judge(row, crc);
            else unstated.Add(row);
        }

        async Task ProveAsync()
        {
            var listed = await PartReconciler.ListAsync(context.Store, upload, job.Token);
            foreach (var row in unstated)
            {
                if (listed.TryGetValue(row.Number, out var part) && part.ETag == row.ETag && part.Crc64 is { } crc) Judge(row, crc);
                else finder.RefuseAll();
            }
        }

        void Judge(PartRow row, ulong crc)
        {
            if (crc != row.Crc)
            {
                finder.Refuse(upload.Generation);
                context.Logger.LogWarning(
                    "part {Number} of {Key} is not in the bucket as it is here, although it did not change since: all is sent", row.Number, target.Key);
                return;
            }

            checkpoint.Record(row);
            job.Progress.AddHeld(row.Length);
            copied.Add(row);
        }
    }

    /// <summary>Whether sending the bytes can help where copying does not.</summary>
    private static bool IsForSending(StoreException error) =>
        !error.IsTransient && error.Kind is not StoreErrorKind.NoSuchUpload && !StoreWatch.IsDriveWide(error.Kind);
}
