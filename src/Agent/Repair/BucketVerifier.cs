using System.Runtime.CompilerServices;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair;

/// <summary>
/// Compares the receipts of a drive with what its bucket holds; good for one run. Receipts come by pages in the order of their keys, so that
/// memory is bounded however many there are; the bucket is listed beside them, and only what the listing does not show as it should be is
/// asked for by name. An agent may be working meanwhile: a difference counts once the journal still says the same after it was seen.
/// </summary>
internal sealed class BucketVerifier(IObjectReader store, JournalReader reader, DriveRow drive, bool deep)
{
    /// <summary>Receipts in memory at once.</summary>
    public const int PageSize = 1000;

    private const int ParallelRequests = 16;
    private const int ParallelDownloads = 4;
    private const int MostLooks = 3;

    private readonly ContentProof _proof = new(store);
    private readonly long[] _counts = new long[Enum.GetValues<VerifyFinding>().Length];
    private long _total;
    private long _totalBytes;

    /// <summary>How far it is, also while it runs. Thread-safe.</summary>
    public VerifyProgress Progress => new(Interlocked.Read(in _total), _proof.BytesRead, Interlocked.Read(in _totalBytes), Counts());

    /// <summary>Compares a file, everything below a folder, or the whole drive.</summary>
    /// <param name="path">In the drive, names joined with "/"; empty for all of it.</param>
    /// <param name="report">Called, one at a time and in the order of the keys, for what is not as it should be.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="StoreException">The store is away, or refuses: nothing can be said of the rest.</exception>
    public async Task<VerifySummary> RunAsync(string path, Func<VerifiedObject, Task> report, CancellationToken stop)
    {
        var key = drive.Prefix + KeyNames.ToKey(path.Split('/'), directory: false);
        if (path.Length > 0 && reader.StandingReceipt(drive.Id, key) is { } receipt)
        {
            Expect(1, receipt.Remote.Size);
            await NoteAsync(receipt, await JudgeAsync(receipt, stop), report);
        }
        else
        {
            await RunBelowAsync(path.Length == 0 ? drive.Prefix : key + "/", report, stop);
        }

        var progress = Progress;
        return new VerifySummary(drive.MountPoint, progress.Objects, progress.BytesRead, progress.Counts);
    }

    private async Task RunBelowAsync(string prefix, Func<VerifiedObject, Task> report, CancellationToken stop)
    {
        var (count, bytes) = reader.StandingReceiptTotals(drive.Id, prefix);
        Expect(count, bytes);
        for (var after = ""; reader.StandingReceipts(drive.Id, prefix, after, PageSize) is { Count: > 0 } page; after = page[^1].Remote.Key)
        {
            await foreach (var (receipt, judged) in CompareAsync(page, prefix, after, stop)) await NoteAsync(receipt, judged, report);
        }
    }

    private void Expect(long objects, long bytes)
    {
        Interlocked.Exchange(ref _total, objects);
        Interlocked.Exchange(ref _totalBytes, bytes);
    }

    private async Task NoteAsync(Receipt receipt, (VerifyFinding Finding, string Reason) judged, Func<VerifiedObject, Task> report)
    {
        Interlocked.Increment(ref _counts[(int)judged.Finding]);
        if (!judged.Finding.IsFine()) await report(Describe(receipt.Remote.Key, judged.Finding, judged.Reason));
    }

    private Dictionary<VerifyFinding, long> Counts() => Enum.GetValues<VerifyFinding>()
        .Select(finding => KeyValuePair.Create(finding, Interlocked.Read(ref _counts[(int)finding])))
        .Where(pair => pair.Value > 0).ToDictionary();

    // In the order of the keys, each as soon as it is known: a page of large objects takes long to read back.
    private async IAsyncEnumerable<(Receipt Receipt, (VerifyFinding Finding, string Reason) Judged)> CompareAsync(
        IReadOnlyList<Receipt> page, string prefix, string after, [EnumeratorCancellation] CancellationToken stop)
    {
        var listed = deep ? [] : await ListAsync(page, prefix, after, stop);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var turns = new SemaphoreSlim(deep ? ParallelDownloads : ParallelRequests);
        var judged = page.Select(receipt =>
            listed.TryGetValue(receipt.Remote.Key, out var entry) && entry.ETag == receipt.Remote.ETag && entry.Size == receipt.Remote.Size
                ? Task.FromResult((VerifyFinding.Same, ""))
                : JudgeInTurnAsync(receipt, turns, end.Token)).ToList();
        try
        {
            for (var index = 0; index < page.Count; index++) yield return (page[index], await judged[index]);
        }
        finally
        {
            await end.CancelAsync();
            await ((Task)Task.WhenAll(judged)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // the first failure has been told
        }
    }

    private async Task<(VerifyFinding Finding, string Reason)> JudgeInTurnAsync(Receipt receipt, SemaphoreSlim turns, CancellationToken stop)
    {
        await turns.WaitAsync(stop);
        try
        {
            return await JudgeAsync(receipt, stop);
        }
        finally
        {
            turns.Release();
        }
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
