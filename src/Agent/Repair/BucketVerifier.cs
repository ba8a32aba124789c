using System.Collections.Concurrent;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair;

/// <summary>
/// Compares the receipts of a drive with what its bucket holds. Receipts come by pages in the order of their keys, so that memory is bounded
/// however many there are; the bucket is listed beside them, and only what the listing does not show as it should be is asked for by
/// name. An agent may be working meanwhile: a difference counts once the journal still says the same after it was seen.
/// </summary>
internal sealed class BucketVerifier(IObjectStore store, JournalReader reader, DriveRow drive, bool deep)
{
    /// <summary>Receipts in memory at once.</summary>
    public const int PageSize = 1000;

    private const int ParallelRequests = 16;
    private const int ParallelDownloads = 4;
    private const int MostLooks = 3;

    private readonly ContentProof _proof = new(store);

    /// <summary>Compares everything below a key prefix.</summary>
    /// <param name="prefix">What the keys begin with.</param>
    /// <param name="report">Called, one at a time and in the order of the keys, for what is not as it should be.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="StoreException">The store is away, or refuses: nothing can be said of the rest.</exception>
    public async Task<VerifySummary> RunAsync(string prefix, Func<VerifiedObject, Task> report, CancellationToken stop)
    {
        var counts = new Dictionary<VerifyFinding, long>();
        long objects = 0;
        for (var after = ""; reader.StandingReceipts(drive.Id, prefix, after, PageSize) is { Count: > 0 } page; after = page[^1].Remote.Key)
        {
            foreach (var (receipt, finding, reason) in await CompareAsync(page, prefix, after, stop))
            {
                objects++;
                counts[finding] = counts.GetValueOrDefault(finding) + 1;
                if (finding is not (VerifyFinding.Same or VerifyFinding.Busy)) await report(Describe(receipt.Remote.Key, finding, reason));
            }
        }

        return new VerifySummary(drive.MountPoint, objects, _proof.BytesRead, counts.OrderBy(pair => pair.Key).ToDictionary());
    }

    /// <summary>Compares one object.</summary>
    public async Task<VerifySummary> RunOneAsync(string key, Func<VerifiedObject, Task> report, CancellationToken stop)
    {
        if (reader.StandingReceipt(drive.Id, key) is not { } receipt) return new VerifySummary(drive.MountPoint, 0, 0, new Dictionary<VerifyFinding, long>());
        var (finding, reason) = await JudgeAsync(receipt, stop);
        if (finding is not (VerifyFinding.Same or VerifyFinding.Busy)) await report(Describe(key, finding, reason));
        return new VerifySummary(drive.MountPoint, 1, _proof.BytesRead, new Dictionary<VerifyFinding, long> { [finding] = 1 });
    }

    private async Task<IReadOnlyList<(Receipt Receipt, VerifyFinding Finding, string Reason)>> CompareAsync(
        IReadOnlyList<Receipt> page, string prefix, string after, CancellationToken stop)
    {
        var listed = deep ? new Dictionary<string, ListedObject>() : await ListAsync(page, prefix, after, stop);
        var found = new ConcurrentDictionary<int, (VerifyFinding Finding, string Reason)>();
        await Parallel.ForAsync(0, page.Count, new ParallelOptions { MaxDegreeOfParallelism = deep ? ParallelDownloads : ParallelRequests, CancellationToken = stop }, async (index, token) =>
        {
            var receipt = page[index];
            found[index] = listed.TryGetValue(receipt.Remote.Key, out var entry) && entry.ETag == receipt.Remote.ETag && entry.Size == receipt.Remote.Size
                ? (VerifyFinding.Same, "")
                : await JudgeAsync(receipt, token);
        });
        return [.. page.Select((receipt, index) => (receipt, found[index].Finding, found[index].Reason))];
    }

    /// <summary>What the bucket lists of a page's keys. It stops where going on would cost more requests than asking for the rest by name:
    /// few of our keys may stand among many of others.</summary>
    private async Task<Dictionary<string, ListedObject>> ListAsync(IReadOnlyList<Receipt> page, string prefix, string after, CancellationToken stop)
    {
        var wanted = page.Select(receipt => receipt.Remote.Key).ToHashSet(StringComparer.Ordinal);
        var found = new Dictionary<string, ListedObject>(StringComparer.Ordinal);
        var request = new ListRequest(prefix, StartAfter: after.Length == 0 ? null : after);
        for (var requests = 0; requests < page.Count && found.Count < page.Count; requests++)
        {
            var answer = await store.ListAsync(request, stop);
            foreach (var entry in answer.Objects.Where(entry => wanted.Contains(entry.Key))) found[entry.Key] = entry;
            if (answer.ContinuationToken is not { } next) break;
            request = request with { ContinuationToken = next };
        }

        return found;
    }

    private async Task<(VerifyFinding Finding, string Reason)> JudgeAsync(Receipt receipt, CancellationToken stop)
    {
        for (var look = 0; look < MostLooks; look++)
        {
            var judged = deep ? await _proof.ReadBackAsync(receipt, stop) : await _proof.LookAsync(receipt, stop);
            if (judged.Finding == VerifyFinding.Same) return judged;
            if (IsBeingChanged(receipt.Remote.Key)) return (VerifyFinding.Busy, "");
            if (reader.StandingReceipt(drive.Id, receipt.Remote.Key) is not { } current) return (VerifyFinding.Busy, "");
            if (current == receipt) return judged;
            receipt = current;
        }

        return (VerifyFinding.Busy, "");
    }

    private bool IsBeingChanged(string key) =>
        reader.UploadsTo(drive.Id, key).Count > 0 || reader.NodesAtRemoteKey(drive.Id, key).Any(node => node.Pending);

    private VerifiedObject Describe(string key, VerifyFinding finding, string reason) =>
        new(NodeStates.Absolute(drive, KeyNames.ToPath(key[drive.Prefix.Length..])), key, finding, reason);
}
