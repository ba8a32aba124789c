using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Decides after a restart which parts need not be sent again: those whose row is intact, that the store lists with the same ETag
/// and size, and whose local bytes still have the recorded checksum. Gaps are fine; everything else goes up again.
/// </summary>
internal sealed class PartReconciler(TransferContext context, UploadCheckpoint checkpoint)
{
    public async Task<Dictionary<int, PartRow>> KeepAsync(
        UploadRow upload, PartPlan plan, ContentReader content, CancellationToken cancellationToken)
    {
        var kept = new Dictionary<int, PartRow>();
        var rows = context.Reader.Parts(upload.Id);
        var listed = await ListAsync(upload, cancellationToken);
        foreach (var row in rows)
        {
            if (Fits(row, plan) && listed.TryGetValue(row.Number, out var part) && Agree(row, part)
                && await Task.Run(() => HasLocalBytes(row, content, cancellationToken), cancellationToken))
            {
                kept.Add(row.Number, row);
            }
            else
            {
                checkpoint.Forget(row);
            }
        }

        return kept;
    }

    private static bool Fits(PartRow row, PartPlan plan) =>
        row.Intact && row.Number >= 1 && row.Number <= plan.Count && row.Offset == plan.OffsetOf(row.Number) && row.Length == plan.LengthOf(row.Number);

    private static bool Agree(PartRow row, ListedPart part) =>
        part.ETag == row.ETag && part.Size == row.Length && (part.Crc64 is null || part.Crc64 == row.Crc);

    private static bool HasLocalBytes(PartRow row, ContentReader content, CancellationToken cancellationToken) =>
        RangeSums.Compute(content, row.Offset, row.Length, md5: false, cancellationToken).Crc == row.Crc;

    private async Task<Dictionary<int, ListedPart>> ListAsync(UploadRow upload, CancellationToken cancellationToken)
    {
        var parts = new Dictionary<int, ListedPart>();
        for (int? marker = 0; marker is { } after;)
        {
            var page = await context.Store.ListPartsAsync(upload.Key, upload.UploadId!, after, cancellationToken);
            foreach (var part in page.Parts) parts[part.PartNumber] = part;
            marker = page.NextPartNumberMarker;
        }

        return parts;
    }
}
