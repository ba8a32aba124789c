using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;
using SyncAgent.Journal.Planning;
using SyncAgent.Transfer;

namespace SyncAgent.Agent.Composition;

/// <summary>What a drive has still to do, as the journal says it.</summary>
internal static class Pending
{
    /// <summary>Counts it. Uploads without a pending file (to be aborted) count as deletes: work on the bucket that is left.</summary>
    public static PendingSummary Of(JournalStore journal, JournalReader reader, long drive) => reader.AtOneMoment(() => OfNow(journal, reader, drive));

    /// <summary>How many removed objects wait for the user to confirm a mass deletion.</summary>
    public static long HeldDeletes(JournalStore journal, JournalReader reader, long drive) =>
        MassDelete.IsHeld(journal, drive) ? reader.UnaskedDeletes(drive)?.Count ?? 0 : 0;

    /// <summary>Whether a state goes on only when the user acts.</summary>
    public static bool IsAttention(FileState state) =>
        state is FileState.Interrupted or FileState.Incomplete or FileState.Conflict or FileState.Failed;

    /// <summary>In words, for people.</summary>
    public static string Describe(PendingSummary pending)
    {
        var parts = new List<string>();
        if (pending.Files > 0) parts.Add($"{Count(pending.Files, "file or folder", "files or folders")} to send ({ByteSize.Format(pending.Bytes)})");
        if (pending.Deletes > 0) parts.Add($"{Count(pending.Deletes, "object", "objects")} to delete");
        if (pending.Attention > 0) parts.Add($"{Count(pending.Attention, "file that needs", "files that need")} you");
        return parts.Count == 0 ? "nothing pending" : string.Join(", ", parts);
    }

    private static PendingSummary OfNow(JournalStore journal, JournalReader reader, long drive)
    {
        var counts = reader.Counts(drive);
        long attention = counts.FailedDeletes + HeldDeletes(journal, reader, drive), bytes = 0;
        foreach (var tally in reader.UnsettledTallies(drive, journal.DurableSequence))
        {
            if (IsAttention(tally.State)) attention += tally.Count;
            if (tally.Pending && !tally.Directory) bytes += tally.Bytes;
        }

        return new PendingSummary(counts.Pending, bytes, Math.Max(counts.Deletes, counts.Pending == 0 ? counts.Uploads : 0), attention);
    }

    private static string Count(long count, string one, string many) => $"{count} {(count == 1 ? one : many)}";
}
