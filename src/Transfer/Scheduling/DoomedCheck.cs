using System.Collections.Concurrent;
using System.Text;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>What the bucket holds under a doomed key.</summary>
internal enum DoomedFinding
{
    /// <summary>What was given up.</summary>
    Same,

    /// <summary>Somebody else's object.</summary>
    Another,

    /// <summary>Nothing.</summary>
    Nothing,

    /// <summary>The store does not say.</summary>
    Unknown,
}

/// <summary>What was found under a key.</summary>
/// <param name="Finding">What stands there.</param>
/// <param name="Error">Why it is not known, else null.</param>
internal sealed record DoomedFound(DoomedFinding Finding, StoreException? Error = null);

/// <summary>
/// Compares doomed keys with the bucket, just before they are deleted. Neighbouring keys are compared by listing, a thousand at a
/// time. Only "unchanged" is believed of a listing: whatever it says otherwise, or leaves out, is asked for by HEAD.
/// </summary>
internal sealed class DoomedCheck(TransferContext context)
{
    /// <summary>A listing is worth its request from so many keys on.</summary>
    private const int WorthListing = 16;

    private const int HeadsAtOnce = 16;

    /// <summary>What stands under each key. Throws a <see cref="StoreException"/> that concerns more than one key.</summary>
    public async Task<IReadOnlyDictionary<string, DoomedFound>> CompareAsync(IReadOnlyList<DoomedKey> doomed, CancellationToken stop)
    {
        var found = new ConcurrentDictionary<string, DoomedFound>(StringComparer.Ordinal);
        if (doomed.Count >= WorthListing) await ListAsync(doomed, found, stop);
        var asked = doomed.Where(key => !found.ContainsKey(key.Key)).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = HeadsAtOnce, CancellationToken = stop };
        await Parallel.ForEachAsync(asked, options, async (key, token) => found[key.Key] = await LookAsync(key, token));
        return found;
    }

    private async Task<DoomedFound> LookAsync(DoomedKey key, CancellationToken stop)
    {
        try
        {
            var info = await context.Store.HeadAsync(key.Key, stop);
            return new DoomedFound(
                info is null ? DoomedFinding.Nothing : RemoteGuard.IsExpected(key.Remote, info) ? DoomedFinding.Same : DoomedFinding.Another);
        }
        catch (StoreException e) when (StoreErrors.IsOfOneKey(e))
        {
            return new DoomedFound(DoomedFinding.Unknown, e);
        }
    }

    private async Task ListAsync(IReadOnlyList<DoomedKey> doomed, ConcurrentDictionary<string, DoomedFound> found, CancellationToken stop)
    {
        var left = new Queue<DoomedKey>(doomed.OrderBy(key => key.Key, ByUtf8.Instance));
        var request = new ListRequest(context.Drive.Prefix, StartAfter: Before(left.Peek().Key));
        try
        {
            while (left.Count > 0)
            {
                var page = await context.Store.ListAsync(request, stop);
                var listed = page.Objects.ToDictionary(item => item.Key, StringComparer.Ordinal);
                var last = page.ContinuationToken is null || page.Objects.Count == 0 ? null : page.Objects[^1].Key;
                var passed = 0;
                while (left.TryPeek(out var key) && (last is null || ByUtf8.Instance.Compare(key.Key, last) <= 0))
                {
                    left.Dequeue();
                    passed++;
                    if (listed.TryGetValue(key.Key, out var item) && item.ETag == key.Remote.ETag && item.Size == key.Remote.Size)
                        found[key.Key] = new DoomedFound(DoomedFinding.Same);
                }

                if (page.ContinuationToken is null || (passed < WorthListing && last is not null)) return;
                request = request with { ContinuationToken = page.ContinuationToken };
            }
        }
        catch (StoreException e) when (e.Kind is StoreErrorKind.AccessDenied or StoreErrorKind.NotSupported)
        {
            // A user who may not list may still look at each.
        }
    }

    /// <summary>A text that comes shortly before a key and is no key that is wanted: without its last character.</summary>
    private string? Before(string key)
    {
        var length = key.Length - (char.IsLowSurrogate(key[^1]) ? 2 : 1);
        return length > context.Drive.Prefix.Length ? key[..length] : null;
    }

    /// <summary>The order of listings.</summary>
    private sealed class ByUtf8 : IComparer<string>
    {
        public static ByUtf8 Instance { get; } = new();

        public int Compare(string? x, string? y) => Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
