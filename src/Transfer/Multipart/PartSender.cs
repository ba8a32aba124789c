using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// Sends the parts of one plan that the store does not hold yet, for files of a drive and for files outside of it alike. Each part is
/// recorded before the next one takes its place.
/// </summary>
internal sealed class PartSender(IObjectStore store, PartBudget budget, TransferLink link, TransferPause pause, bool md5)
{
    /// <summary>Sends what is missing.</summary>
    /// <param name="upload">The upload; its key and id.</param>
    /// <param name="source">The file's bytes.</param>
    /// <param name="held">Parts that the store holds already, counted before.</param>
    /// <param name="monitor">Counts what is sent.</param>
    /// <param name="record">Commits a part that arrived.</param>
    /// <param name="cancellationToken">Stops it; parts that arrived are recorded.</param>
    /// <returns>All parts, ascending.</returns>
    public async Task<IReadOnlyList<PartRow>> SendAsync(
        UploadRow upload, IPartSource source, IReadOnlyCollection<PartRow> held, TransferMonitor monitor, Action<PartRow> record,
        CancellationToken cancellationToken)
    {
        var plan = new PartPlan(upload.Size, upload.PartSize);
        var parts = held.ToDictionary(part => part.Number);
        var missing = Enumerable.Range(1, plan.Count).Where(number => !parts.ContainsKey(number)).ToList();
        await ParallelParts.RunAsync(missing, link, pause, SendPartAsync, cancellationToken);
        return [.. parts.Values.OrderBy(part => part.Number)];

        async Task SendPartAsync(int number, CancellationToken stop)
        {
            var part = await SendOneAsync(upload, plan, number, source, monitor, stop);
            record(part);
            monitor.Confirm(part.Length);
            lock (parts) parts.Add(number, part);
        }
    }

    /// <summary>CRC-64 of the file that parts make up.</summary>
    public static ulong Crc(IReadOnlyList<PartRow> parts) => parts.Aggregate(0UL, (crc, part) => Crc64.Combine(crc, part.Crc, part.Length));

    /// <summary>What Complete is told.</summary>
    public static IReadOnlyList<PartReference> References(IReadOnlyList<PartRow> parts) =>
        [.. parts.Select(part => new PartReference(part.Number, part.ETag))];

    private async Task<PartRow> SendOneAsync(
        UploadRow upload, PartPlan plan, int number, IPartSource source, TransferMonitor monitor, CancellationToken cancellationToken)
    {
        var (offset, length) = (plan.OffsetOf(number), plan.LengthOf(number));
        using var lease = await budget.AcquireAsync(length, cancellationToken);
        source.ThrowIfChanged();
        var sums = RangeSums.Compute(source, offset, length, md5, cancellationToken);
        var body = new SourceContent(source, offset, length, monitor) { Crc64 = sums.Crc, Md5 = sums.Md5 };
        try
        {
            var stored = await store.UploadPartAsync(upload.Key, upload.UploadId!, number, body, cancellationToken);
            return stored.Crc64 is null || stored.Crc64 == sums.Crc
                ? new PartRow(upload.Id, number, offset, length, sums.Crc, stored.ETag, true)
                : throw new StoreException(
                    StoreErrorKind.ChecksumMismatch, $"the store states CRC-64 {stored.Crc64:x16} of part {number}, the bytes have {sums.Crc:x16}");
        }
        catch (Exception e)
        {
            body.TakeBack();
            if (e is StoreException error) link.Failed(error);
            throw;
        }
    }
}
