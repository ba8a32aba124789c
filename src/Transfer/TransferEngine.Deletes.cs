using SyncAgent.Journal;

namespace SyncAgent.Transfer;

public sealed partial class TransferEngine
{
    /// <summary>All that is removed now may be deleted.</summary>
    public void ConfirmDeletes()
    {
        _context.Journal.Commit(writer => writer.ConfirmDoomed(_context.Drive.Id));
        GateRelease();
    }

    /// <summary>Takes removals back: what the bucket still holds is not deleted any more. What a new file has taken over, and what is
    /// being deleted at this moment, is left out.</summary>
    /// <returns>Keys that are the drive's again, with its prefix.</returns>
    public IReadOnlyList<string> RestoreDeletes()
    {
        var restored = new List<string>();
        for (var after = ""; _context.Reader.RemovedKeys(_context.Drive.Id, after, DoomedPages.PageSize) is { Count: > 0 } page; after = page[^1].Key)
        {
            var turns = new List<IDisposable>();
            try
            {
                var free = new List<DoomedKey>();
                foreach (var row in page)
                {
                    if (_context.Keys.TryTake(row.Key) is not { } turn) continue;
                    turns.Add(turn);

                    // With the turn in hand: whoever had it may have deleted it.
                    if (_context.Reader.Doomed(_context.Drive.Id, row.Key)?.Changed == row.Changed && _context.WantedBy(row.Key) is null) free.Add(row);
                }

                _context.Journal.Commit(writer =>
                {
                    foreach (var row in free) writer.DropDoomed(row.Id, row.Changed);
                });
                restored.AddRange(free.Select(row => row.Key));
            }
            finally
            {
                foreach (var turn in turns) turn.Dispose();
            }
        }

        GateRelease();
        return restored;
    }

    private void GateRelease()
    {
        if (Volatile.Read(ref _scheduler) is { } scheduler) scheduler.Gate.Release();
        else MassDelete.SetHeld(_context.Journal, _context.Drive.Id, held: false);
        Wake();
    }
}
