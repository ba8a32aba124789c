using Microsoft.Extensions.Logging;
using SyncAgent.Journal;

namespace SyncAgent.Transfer;

/// <summary>
/// Asks before many objects are deleted at once: above <see cref="TransferOptions.MassDeleteLimit"/> nothing that the user removed is
/// deleted until the user says so. Keys that were left by a rename do not count: their content is confirmed elsewhere. So that a
/// removal of very many is asked about before its first objects are gone, deleting waits while files are still being removed, a
/// minute at most, and what was deleted in the last minutes counts too.
/// </summary>
internal sealed class MassDeleteGate(TransferContext context)
{
    private static readonly TimeSpan LongestGathering = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, int Count)> _lately = new();
    private long _deletedLately;
    private long _checkedAt;
    private bool? _isHeld;

    /// <summary>Whether deletions wait for the user. Kept in the journal.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_lock) return _isHeld ??= MassDelete.IsHeld(context.Journal, context.Drive.Id);
        }
    }

    /// <summary>Whether removed files that nobody was asked about may be deleted now.</summary>
    public bool IsOpen()
    {
        if (context.Options.MassDeleteLimit == 0) return true;
        if (IsHeld) return false;
        var now = context.Now;
        if (context.Reader.UnaskedDeletes(context.Drive.Id) is not { } waiting) return true;
        if (IsAboveLimit(waiting.Count, now))
        {
            Hold(waiting.Count);
            return false;
        }

        return waiting.Newest <= now || waiting.Oldest <= now - (long)LongestGathering.TotalMilliseconds;
    }

    /// <summary>So many removed files were deleted without asking.</summary>
    public void Deleted(int count)
    {
        if (count == 0) return;
        lock (_lock)
        {
            _lately.Enqueue((context.Now, count));
            _deletedLately += count;
        }
    }

    /// <summary>The user was asked: what waits may be deleted, or was taken back.</summary>
    public void Release()
    {
        lock (_lock)
        {
            MassDelete.SetHeld(context.Journal, context.Drive.Id, held: false);
            _isHeld = false;
            _lately.Clear();
            _deletedLately = 0;
            _checkedAt = 0;
        }
    }

    private void Hold(long waiting)
    {
        lock (_lock)
        {
            MassDelete.SetHeld(context.Journal, context.Drive.Id, held: true);
            _isHeld = true;
        }

        context.Logger.LogWarning(
            "{Count} objects of drive {Drive} were removed, more than the limit of {Limit}: nothing is deleted until it is confirmed",
            waiting, context.Drive.Id, context.Options.MassDeleteLimit);
    }

    private bool IsAboveLimit(long waiting, long now)
    {
        long lately, checkedAt;
        lock (_lock)
        {
            checkedAt = _checkedAt;
            while (_lately.TryPeek(out var oldest) && oldest.At < now - (long)Memory.TotalMilliseconds) _deletedLately -= _lately.Dequeue().Count;
            lately = _deletedLately;
        }

        var limit = context.Options.MassDeleteLimit;
        if (waiting + lately <= limit) return false;

        // Names that a new file took over at once (a program that writes all files anew) are no removals. Telling them apart takes
        // a look at each: done again only when there are noticeably more.
        if (checkedAt > 0 && waiting < checkedAt + (limit / 10)) return false;
        if (CountRemoved() + lately > limit) return true;
        lock (_lock) _checkedAt = waiting;
        return false;
    }

    private long CountRemoved()
    {
        long count = 0;
        for (var after = ""; context.Reader.RemovedKeys(context.Drive.Id, after, DoomedPages.PageSize) is { Count: > 0 } page; after = page[^1].Key)
            count += page.Count(row => !row.Confirmed && row.Problem == Problem.None && context.WantedBy(row.Key) is null);
        return count;
    }
}

/// <summary>Whether a drive's deletions wait for the user, mounted or not.</summary>
public static class MassDelete
{
    /// <summary>Whether they do.</summary>
    public static bool IsHeld(JournalStore journal, long drive)
    {
        ArgumentNullException.ThrowIfNull(journal);
        return journal.GetValue(NameOf(drive)) is not null;
    }

    internal static void SetHeld(JournalStore journal, long drive, bool held) => journal.SetValue(NameOf(drive), held ? "1" : null);

    private static string NameOf(long drive) => $"deletes-held:{drive}";
}
