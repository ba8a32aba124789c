using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>Opens the journal of a state folder for an agent. One that is damaged, cut, or missing while files are staged is set aside,
/// never deleted, and an empty one takes its place, which <see cref="JournalRecovery.Run"/> fills from the staged files.</summary>
public static class JournalOpening
{
    /// <summary>Journals up to this size are checked as a whole at every start, in some ten milliseconds; larger ones behind the mount and
    /// after an end that was not clean.</summary>
    internal const long WholeCheckUpTo = 16L << 20;

    /// <summary>Opens the journal.</summary>
    /// <param name="stateFolder">State folder, which must exist and be locked by the caller.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    /// <exception cref="JournalException">It was written by a newer version, or the disk fails.</exception>
    public static JournalStore Open(string stateFolder, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        var reason = JournalDamage.Noted(stateFolder) ?? JournalDamage.Outside(stateFolder);
        if (reason is null)
        {
            try
            {
                var journal = JournalStore.Open(stateFolder);
                reason = journal.FileBytes <= WholeCheckUpTo ? journal.FindDamage() : null;
                if (reason is null) return journal;
                journal.Abandon();
            }
            catch (JournalException e) when (e.IsDamage)
            {
                reason = e.Message;
            }
        }

        return MakeAnew(stateFolder, reason, time, logger);
    }

    private static JournalStore MakeAnew(string stateFolder, string reason, TimeProvider time, ILogger logger)
    {
        JournalDamage.Note(stateFolder, reason);
        var aside = JournalDamage.SetAside(stateFolder, time.GetUtcNow());
        logger.LogError(
            "the journal cannot be used ({Reason}); it was kept as {Aside} and is made anew from the staged files. The drives are read-only until that is done",
            reason, aside ?? "nothing, since there was none");
        var journal = JournalStore.OpenOrCreate(stateFolder);
        try
        {
            // From here on the new one stands for itself: a kill before its rows are there finds this value and goes on.
            journal.SetValue(JournalRecovery.RebuiltValue, "");
            JournalDamage.Clear(stateFolder);
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }
}
