using Microsoft.Extensions.Logging;

namespace SyncAgent.Journal;

/// <summary>
/// A row may survive a power cut that its staging file does not. Nobody was promised a byte of it: where an earlier content is known, that
/// one counts again; else an empty file stands for it, so that the name is shown as interrupted and can be opened.
/// </summary>
internal static class MissingStaging
{
    /// <summary>Puts all right that was open at the end. The changes are enqueued.</summary>
    public static void ReplaceAll(JournalStore journal, JournalReader reader, ILogger logger)
    {
        foreach (var generation in reader.Generations(GenerationState.Open).Concat(reader.Generations(GenerationState.Incomplete)))
            Replace(journal, reader, generation, logger);
    }

    /// <summary>Puts one generation right that its file has open; does nothing when its files are there. The change is enqueued.</summary>
    public static void Replace(JournalStore journal, JournalReader reader, Generation generation, ILogger logger)
    {
        var (file, map) = (journal.Files.FileOf(generation.Staging), journal.Files.MapOf(generation.Staging));
        var (hasBytes, hasMap) = (File.Exists(file), generation.Base == BaseKind.None || File.Exists(map));
        if (hasBytes && hasMap) return;
        logger.LogWarning("the power went before generation {Generation} of node {Node} was on the disk", generation.Id, generation.Node);
        if (!hasBytes && reader.Node(generation.Node) is { } node && node.Open == generation.Id && (node.Content is not null || node.Remote is not null))
        {
            journal.Enqueue(writer => writer.DropOpenGeneration(node.Id, generation.Id));
            return;
        }

        if (!hasBytes) StagingFile.Create(file).Dispose();
        if (!hasMap) ExtentLog.Create(map, generation.BaseSize).Dispose();
    }
}
