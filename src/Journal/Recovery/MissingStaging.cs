using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// A row may survive a power cut that its staging file does not. Nobody was promised a byte of it: where an earlier content is known, that
/// one counts again; else an empty file stands for it, so that the name is shown as interrupted and can be opened.
/// </summary>
internal static class MissingStaging
{
    /// <summary>Puts all right that was open at the end, before anybody looks. The changes are enqueued.</summary>
    public static void ReplaceAll(JournalStore journal, JournalReader reader, ILogger logger)
    {
        foreach (var generation in reader.Generations(GenerationState.Open).Concat(reader.Generations(GenerationState.Incomplete)))
            Replace(journal, reader, generation, logger);
    }

    /// <summary>Empty files for a generation's missing ones. False when nothing was missing.</summary>
    public static bool StandIn(StagingFolder files, Generation generation)
    {
        var (file, map) = (files.FileOf(generation.Staging), files.MapOf(generation.Staging));
        var (hasBytes, hasMap) = (File.Exists(file), generation.Base == BaseKind.None || File.Exists(map));
        if (!hasBytes) StagingFile.Create(file).Dispose();
        if (!hasMap) ExtentLog.Create(map, generation.BaseSize).Dispose();
        return !hasBytes || !hasMap;
    }

    private static void Replace(JournalStore journal, JournalReader reader, Generation generation, ILogger logger)
    {
        var isGone = !File.Exists(journal.Files.FileOf(generation.Staging));
        if (isGone && reader.Node(generation.Node) is { } node && node.Open == generation.Id && (node.Content is not null || node.Remote is not null))
            journal.Enqueue(writer => writer.DropOpenGeneration(node.Id, generation.Id));
        else if (!StandIn(journal.Files, generation))
            return;
        logger.LogWarning("the power went before generation {Generation} of node {Node} was on the disk", generation.Id, generation.Node);
    }
}
