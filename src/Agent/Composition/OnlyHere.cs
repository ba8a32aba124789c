using System.Globalization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Composition;

/// <summary>What a state folder holds that is in no bucket: whoever deletes the folder loses it.</summary>
internal static class OnlyHere
{
    /// <summary>A sentence for each drive and place, in the order of the drives; empty when the folder may be deleted.</summary>
    /// <param name="state">State folder; it may be missing.</param>
    /// <param name="time">Clock.</param>
    /// <returns>The sentences, or null when an agent works on the folder: it may change any moment.</returns>
    /// <exception cref="JournalException">The journal cannot be read, so nobody can tell.</exception>
    public static IReadOnlyList<string>? Find(string state, TimeProvider time)
    {
        if (!Directory.Exists(state)) return [];
        using var taken = AgentLock.TryTake(state);
        if (taken is null) return null;
        var found = new List<string>();
        // A folder without a journal but with staged files is a damaged one: opening it says so.
        if (File.Exists(Path.Combine(state, JournalStore.FileName)) || HasStagedFiles(state))
        {
            using var journal = JournalStore.Open(state);
            using var reader = journal.OpenReader();
            foreach (var drive in reader.Drives()) AddDrive(drive, journal, reader, found);
            var orphans = Staged(state).Where(file => !reader.KnowsStaging(Path.GetFileName(file)) && new FileInfo(file).Length > 0).ToList();
            if (orphans.Count > 0) found.Add($"staged files that the journal does not know: {Count(orphans.Count)}. The next mount moves them to lost+found.");
        }

        var lost = new LostAndFound(state, time);
        var kept = lost.List();
        if (kept.Count > 0) found.Add($"files in {lost.Folder}: {Count(kept.Count)} ({ByteSize.Format(kept.Sum(file => file.Bytes))}). Take out what you need.");
        return found;
    }

    private static void AddDrive(DriveRow drive, JournalStore journal, JournalReader reader, List<string> found)
    {
        var pending = Pending.Of(journal, reader, drive.Id);
        if (!pending.IsEmpty) found.Add($"not in the bucket {drive.Bucket} yet: {Pending.Describe(pending)}. Mount it again to go on.");
        var ignored = reader.IgnoredNodes(drive.Id).Where(node => node.Type != NodeType.Directory).ToList();
        if (ignored.Count > 0)
            found.Add($"kept out of the bucket {drive.Bucket} by its rules: {Count(ignored.Count)} ({ByteSize.Format(ignored.Sum(node => node.Size))}). Mount it again to copy them elsewhere.");
    }

    private static bool HasStagedFiles(string state) => Staged(state).Any();

    private static IEnumerable<string> Staged(string state)
    {
        var folder = Path.Combine(state, "staging");
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Where(file => StagingFolder.IsContent(Path.GetFileName(file))) : [];
    }

    private static string Count(int files) => files == 1 ? "1 file" : string.Create(CultureInfo.InvariantCulture, $"{files} files");
}
