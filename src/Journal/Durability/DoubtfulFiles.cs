using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// Staging files whose fsync failed: what of them is on the disk nobody knows, and a second fsync would not tell. A closed one is copied
/// to a new file and read back from the disk; only its checksum makes it good again, otherwise it becomes <em>incomplete</em>. One that is still
/// being written stays here until it is closed. Used by one thread at a time, but for <see cref="Contains"/> and <see cref="Add"/>.
/// </summary>
/// <param name="journal">The journal.</param>
/// <param name="reader">A reader of it.</param>
/// <param name="isIntact">Whether a generation's staged bytes match their recorded size and checksum.</param>
/// <param name="logger">Log.</param>
internal sealed class DoubtfulFiles(JournalStore journal, JournalReader reader, Func<ContentSource, bool> isIntact, ILogger logger)
{
    /// <summary>A file that cannot be copied although the disk as a whole can is given up after so many times.</summary>
    private const int MaxCopies = 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _copies = new(StringComparer.Ordinal);

    /// <summary>A closed file turned out to be damaged: its node.</summary>
    public event Action<long>? Distrusted;

    /// <summary>Whether a file is in doubt.</summary>
    public bool Contains(string staging)
    {
        lock (_lock) return _copies.ContainsKey(staging);
    }

    /// <summary>The fsync of a file failed.</summary>
    public void Add(string staging)
    {
        lock (_lock) _copies.TryAdd(staging, 0);
    }

    /// <summary>Decides about the files that are closed.</summary>
    /// <exception cref="IOException">The disk still refuses the bytes of one; what is not decided stays in doubt.</exception>
    public void Settle()
    {
        string[] names;
        lock (_lock) names = [.. _copies.Keys];
        foreach (var name in names)
        {
            var generation = reader.GenerationIn(name);
            if (generation is { State: not GenerationState.Sealed }) continue;
            if (generation is not null && reader.Content(generation.Id) is { } source && !IsGoodAgain(source)) Distrust(generation);
            lock (_lock) _copies.Remove(name);
        }
    }

    private bool IsGoodAgain(ContentSource source)
    {
        var (files, generation, copy) = (journal.Files, source.Generation, StagingFolder.NewName());
        try
        {
            UnwrittenPages.CopyTo(files.FileOf(generation.Staging), files.FileOf(copy));
            UnwrittenPages.CopyTo(files.MapOf(generation.Staging), files.MapOf(copy));
            if (files.MarkOf(generation.Staging) is { } mark) files.Mark(copy, mark);
            FileSync.FlushFolder(files.Path);
        }
        catch (IOException e)
        {
            files.Delete(copy);
            if (!IsLast(generation.Staging)) throw;
            logger.LogError(e, "staged bytes cannot be saved");
            return false;
        }

        if (!isIntact(source with { Generation = generation with { Staging = copy } }))
        {
            files.Delete(copy);
            return false;
        }

        journal.Commit(writer => writer.MoveStaging(generation.Id, copy));
        logger.LogWarning("the disk refused bytes of generation {Generation}: they were saved to another place of it and proved", generation.Id);
        return true;
    }

    private bool IsLast(string name)
    {
        lock (_lock) return ++_copies[name] >= MaxCopies;
    }

    private void Distrust(Generation generation)
    {
        logger.LogError(
            "the disk lost bytes of generation {Generation} of node {Node}: it is incomplete, and what was closed before counts again", generation.Id, generation.Node);
        journal.Commit(writer => writer.Distrust(generation.Id, generation.Node));
        Distrusted?.Invoke(generation.Node);

        // What was written over it meanwhile holds bytes of it.
        foreach (var upper in reader.GenerationsOver(generation.Id)) Distrust(upper);
    }
}
