using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>
/// Hands out the tombstones that are due in pages of neighbouring keys, so that a page can be compared with the bucket by listing
/// it. Goes through all keys in turn, so that those that must wait hold up nobody. A key is in one page at a time. Thread-safe.
/// </summary>
internal sealed class DoomedPages(TransferContext context)
{
    /// <summary>As many as one request deletes and one listing tells of.</summary>
    public const int PageSize = 1000;

    private readonly Lock _lock = new();
    private readonly HashSet<long> _taken = [];
    private string _after = "";

    /// <summary>The next page, empty when nothing is due. Give it back with <see cref="Release"/>.</summary>
    /// <param name="unasked">Whether removed files are included that the user was not asked about.</param>
    public IReadOnlyList<DoomedKey> Take(bool unasked)
    {
        lock (_lock)
        {
            for (var hasWrapped = false; ;)
            {
                // Those that are being worked on are still due: there must be room for others beside them.
                var rows = context.Reader.DueDoomed(
                    context.Drive.Id, context.Now, context.Journal.DurableSequence, _after, unasked, PageSize + _taken.Count);
                List<DoomedKey> page = [.. rows.Where(row => !_taken.Contains(row.Id)).Take(PageSize)];
                if (page.Count > 0)
                {
                    foreach (var row in page) _taken.Add(row.Id);
                    _after = page[^1].Key;
                    return page;
                }

                if (hasWrapped || _after.Length == 0) return [];
                hasWrapped = true;
                _after = "";
            }
        }
    }

    /// <summary>A page was worked on.</summary>
    public void Release(IReadOnlyList<DoomedKey> page)
    {
        lock (_lock)
        {
            foreach (var row in page) _taken.Remove(row.Id);
        }
    }

    /// <summary>Whether a tombstone is being worked on.</summary>
    public bool IsTaken(long id)
    {
        lock (_lock) return _taken.Contains(id);
    }
}
