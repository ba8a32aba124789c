using System.Globalization;
using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// Brings journal and staging together after whatever ended the last run. <see cref="Run"/> comes before the mount: it looks at rows, names
/// and marks only, never at content, however large that is. What has to be read is checked behind the mount by <see cref="StagedAudit"/>.
/// Nothing is deleted on doubt: what nobody knows goes to the <see cref="LostAndFound"/>.
/// </summary>
public static class JournalRecovery
{
    private const string CleanValue = "clean";
    private const string BootValue = "boot_id";

    /// <summary>The generations that have to prove themselves, as long as there are any. Not those whose folding is to be done again: their rows
    /// say so themselves, and no longer once it is done. They may have no checksum to prove anything by.</summary>
    internal const string DoubtsValue = "doubts";

    /// <summary>Set while a journal that was made anew is not checked to its end.</summary>
    internal const string RebuiltValue = "rebuilt";

    /// <summary>Who closes <see cref="JournalStore.Writes"/> while that is so.</summary>
    internal const string RebuildCause = "rebuild";

    /// <summary>Brings the rows in order and says what is left to check.</summary>
    /// <param name="journal">The journal, just opened.</param>
    /// <param name="lost">Where staging files go that cannot be told apart.</param>
    /// <param name="time">Clock.</param>
    /// <param name="boot">Which run of the machine this is: <see cref="MachineBoot.Id"/>.</param>
    /// <param name="logger">Log.</param>
    public static RecoveryPlan Run(JournalStore journal, LostAndFound lost, TimeProvider time, string boot, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(time);
        var rebuilt = journal.GetValue(RebuiltValue);
        var clean = journal.GetValue(CleanValue) is not null;
        var unclean = !clean && journal.GetValue(BootValue) is not null;
        var rebooted = journal.GetValue(BootValue) is { } last && last != boot;
        SetIfChanged(journal, CleanValue, null);
        using var reader = journal.OpenReader();
        var doubtful = StoredDoubts(journal).ToHashSet();
        var unsynced = new List<string>();
        AdoptionReport? adopted = null;
        if (!clean || rebooted)
        {
            foreach (var generation in reader.ClosedAfter(journal.DurableSequence))
            {
                unsynced.Add(generation.Staging);
                if (rebooted) doubtful.Add(generation.Id);
            }

            adopted = Adopt(journal, reader, lost, time, boot, rebuilt is not null, logger);
            doubtful.UnionWith(adopted.Doubtful);
            unsynced.AddRange(adopted.Staging);
        }

        // Known before anything that they speak of is believed, also after a power cut.
        SetIfChanged(journal, DoubtsValue, doubtful.Count == 0 ? null : string.Join(',', doubtful.Select(id => id.ToString(CultureInfo.InvariantCulture))));
        if (!clean || rebooted) doubtful.UnionWith(reader.FoldingGenerations().Select(generation => generation.Id));
        foreach (var id in doubtful) journal.Doubts.Add(id);
        if (rebuilt is not null) SetIfChanged(journal, RebuiltValue, "checking");

        var sequence = journal.EnqueuedSequence;
        if (rebooted) MissingStaging.ReplaceAll(journal, reader, logger);
        foreach (var generation in reader.Generations(GenerationState.Flushed)) Seal(journal, reader, generation, time.GetUtcNow().ToUnixTimeMilliseconds());
        foreach (var generation in reader.OrphanGenerations()) journal.Enqueue(writer => writer.RetireGeneration(generation.Id));
        if (journal.EnqueuedSequence != sequence) journal.WaitCommitted(journal.EnqueuedSequence);
        SetIfChanged(journal, BootValue, boot);
        if (rebuilt is not null) journal.Writes.Close(RebuildCause, "the journal was damaged and is made anew from the staged files; this takes a while and ends by itself.");
        CrashPoints.Reach(CrashPoints.RecoveryDone);
        return new RecoveryPlan(unclean || rebooted, rebooted, rebuilt is not null, unsynced, doubtful.Count)
        {
            Recovered = adopted?.Closed ?? 0, Interrupted = adopted?.Interrupted ?? 0, Lost = adopted?.Lost ?? 0,
        };
    }

    /// <summary>Notes that the agent has ended in good order: everything is committed and durable, and nobody changes anything any more.</summary>
    public static void NoteCleanEnd(JournalStore journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        if (journal.Doubts.IsEmpty && !journal.Writes.IsClosed) journal.SetValue(CleanValue, "1");
    }

    /// <summary>Moves staging files that no row knows to the lost-and-found; empty ones are only what a kill left of a file being created.
    /// Behind the mount, with <paramref name="olderThan"/> before this run's start.</summary>
    public static int SweepStaging(JournalStore journal, LostAndFound lost, DateTime olderThan, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(lost);
        using var reader = journal.OpenReader();
        var moved = 0;
        foreach (var name in journal.Files.Names())
        {
            var path = journal.Files.FileOf(name);
            var file = new FileInfo(path);
            if (!file.Exists || file.LastWriteTimeUtc >= olderThan || reader.KnowsStaging(name)) continue;
            if (file.Length == 0)
            {
                journal.Files.Delete(name);
                continue;
            }

            var kept = lost.Add(path, "the journal does not know this staged file");
            logger.LogWarning("a staged file that the journal does not know was moved to {Path}", kept.File);
            moved++;
        }

        return moved;
    }

    // Each costs an fsync, and the mount waits for it.
    private static void SetIfChanged(JournalStore journal, string name, string? value)
    {
        if (journal.GetValue(name) != value) journal.SetValue(name, value);
    }

    private static IEnumerable<long> StoredDoubts(JournalStore journal) =>
        (journal.GetValue(DoubtsValue) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => long.Parse(id, CultureInfo.InvariantCulture));

    private static AdoptionReport Adopt(
        JournalStore journal, JournalReader reader, LostAndFound lost, TimeProvider time, string boot, bool journalWasLost, ILogger logger)
    {
        var known = reader.StagingNames();
        var unknown = journal.Files.Names().Where(name => !known.Contains(name)).ToList();
        return new StagingAdoption(journal, reader, lost, time, boot, logger) { JournalWasLost = journalWasLost }.Run(unknown);
    }

    private static void Seal(JournalStore journal, JournalReader reader, Generation generation, long now)
    {
        if (reader.Node(generation.Node) is not { } node) return;
        journal.Enqueue(writer => writer.SealGeneration(
            generation.Id, generation.Size, generation.Crc, node.Id, node.ModifyTime, node.ChangeTime, now));
    }
}

/// <summary>How the last run ended, and what is left to do about it behind the mount.</summary>
/// <param name="Unclean">Whether it did not end in good order.</param>
/// <param name="Rebooted">Whether the machine was started anew since: then the listing cache is not trusted either.</param>
/// <param name="Rebuilt">Whether the journal was lost and was made anew from the staged files.</param>
/// <param name="Unsynced">Staging files that may not be on the disk yet: the next group makes them durable.</param>
/// <param name="Doubtful">Generations that have to prove themselves.</param>
public sealed record RecoveryPlan(bool Unclean, bool Rebooted, bool Rebuilt, IReadOnlyList<string> Unsynced, int Doubtful)
{
    /// <summary>Closed files that the journal did not know and that are pending again.</summary>
    public int Recovered { get; init; }

    /// <summary>Files that the journal did not know and that wait for their user.</summary>
    public int Interrupted { get; init; }

    /// <summary>Staging files that went to the lost-and-found.</summary>
    public int Lost { get; init; }
}
