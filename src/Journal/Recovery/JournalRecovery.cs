using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// Brings journal and staging together after whatever ended the last run. <see cref="Run"/> is quick and comes before the mount;
/// <see cref="SweepStaging"/> looks at every staging file and runs behind it. Nothing is deleted on doubt: what nobody knows goes
/// to lost+found in the state folder.
/// </summary>
public static class JournalRecovery
{
    /// <summary>Whether the machine was started anew since the journal was last used: then the listing cache is not trusted either.</summary>
    public static bool WasRebooted(JournalStore journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        return journal.GetValue("boot_id") is { } last && last != MachineBoot.Id;
    }

    /// <summary>Finishes what was begun: folds are done again, flushed generations count as sealed, generations of removed nodes go.
    /// After a reboot everything beyond the last durable sequence must prove itself first (see <paramref name="isIntact"/>).</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="isIntact">Whether a generation's staged bytes match their recorded size and checksum.</param>
    /// <param name="nowMilliseconds">Time, milliseconds since 1970.</param>
    /// <param name="logger">Log.</param>
    public static void Run(JournalStore journal, Func<ContentSource, bool> isIntact, long nowMilliseconds, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(isIntact);
        using var reader = journal.OpenReader();
        foreach (var generation in reader.FoldingGenerations())
        {
            if (reader.Content(generation.Id) is { } source) Folding.Redo(journal, source);
        }

        CrashPoints.Reach(CrashPoints.RecoveryFolded);
        var sequence = journal.CommittedSequence;
        if (WasRebooted(journal)) DistrustUndurable(journal, reader, isIntact, logger);
        foreach (var generation in reader.Generations(GenerationState.Flushed)) Seal(journal, reader, generation, nowMilliseconds);
        foreach (var generation in reader.OrphanGenerations()) journal.Enqueue(writer => writer.RetireGeneration(generation.Id));
        if (journal.EnqueuedSequence != sequence) journal.WaitCommitted(journal.EnqueuedSequence);
        journal.SetValue("boot_id", MachineBoot.Id);
        CrashPoints.Reach(CrashPoints.RecoveryDone);
    }

    /// <summary>Moves staging files that no row knows to lost+found; empty ones are only what a kill left of a file being created.
    /// Must run before the drive makes new staging files, or with <paramref name="olderThan"/> before this run's start.</summary>
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

    private static void DistrustUndurable(JournalStore journal, JournalReader reader, Func<ContentSource, bool> isIntact, ILogger logger)
    {
        foreach (var generation in reader.ClosedAfter(journal.DurableSequence))
        {
            if (reader.Content(generation.Id) is not { } source || isIntact(source)) continue;
            logger.LogError("the power went before {Generation} of node {Node} was durable: its bytes are incomplete", generation.Id, generation.Node);
            journal.Enqueue(writer => writer.Distrust(generation.Id, generation.Node));
        }

        journal.WaitCommitted(journal.EnqueuedSequence);
    }

    private static void Seal(JournalStore journal, JournalReader reader, Generation generation, long now)
    {
        if (reader.Node(generation.Node) is not { } node) return;
        journal.Enqueue(writer => writer.SealGeneration(
            generation.Id, generation.Size, generation.Crc, node.Id, node.ModifyTime, node.ChangeTime, now));
    }
}
