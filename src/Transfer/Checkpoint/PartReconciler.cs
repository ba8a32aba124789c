using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Decides after a restart which parts need not be sent again: those whose record is intact, that the store lists with the same ETag
/// and size, and whose local bytes still have the recorded checksum. Gaps are fine; everything else goes up again.
/// </summary>
internal static class PartReconciler
{
    /// <summary>The parts to keep. Throws <see cref="StoreErrorKind.NoSuchUpload"/> when the store does not know the upload.</summary>
    public static async Task<IReadOnlyList<PartRow>> KeepAsync(
        IObjectStore store, UploadRow upload, IReadOnlyList<PartRow> recorded, IPartSource source, Action<PartRow> forget,
        CancellationToken cancellationToken)
    {
        var plan = new PartPlan(upload.Size, upload.PartSize);
        var kept = new List<PartRow>();
        var listed = await ListAsync(store, upload, cancellationToken);
        foreach (var row in recorded)
        {
            if (Fits(row, plan) && listed.TryGetValue(row.Number, out var part) && Agree(row, part)
                && await Task.Run(() => HasLocalBytes(row, source, cancellationToken), cancellationToken))
            {
                kept.Add(row);
            }
            else
            {
                forget(row);
            }
        }

        return kept;
    }

    private static bool Fits(PartRow row, PartPlan plan) =>
        row.Intact && row.Number >= 1 && row.Number <= plan.Count && row.Offset == plan.OffsetOf(row.Number) && row.Length == plan.LengthOf(row.Number);

    private static bool Agree(PartRow row, ListedPart part) =>
        part.ETag == row.ETag && part.Size == row.Length && (part.Crc64 is null || part.Crc64 == row.Crc);

    private static bool HasLocalBytes(PartRow row, IPartSource source, CancellationToken cancellationToken) =>
        RangeSums.Compute(source, row.Offset, row.Length, md5: false, cancellationToken).Crc == row.Crc;

    /// <summary>All parts that the store holds, by number. Throws <see cref="StoreErrorKind.NoSuchUpload"/> when it does not know the upload.</summary>
    public static async Task<IReadOnlyDictionary<int, ListedPart>> ListAsync(IObjectStore store, UploadRow upload, CancellationToken cancellationToken)
    {
        var parts = new Dictionary<int, ListedPart>();
        for (int? marker = 0; marker is { } after;)
        {
            var page = await store.ListPartsAsync(upload.Key, upload.UploadId!, after, cancellationToken);
            foreach (var part in page.Parts) parts[part.PartNumber] = part;
            marker = page.NextPartNumberMarker;
        }

        return parts;
    }
}
