namespace SyncAgent.Journal;

/// <summary>
/// Makes one file of an overlay and its local base by writing the overlay's ranges into the base's file. A redo log in effect:
/// the overlay stays until the result is durable, and doing it twice gives the same bytes.
/// </summary>
public static class Folding
{
    /// <summary>Folds a sealed, durable generation into its base. False when the base is being sent; nothing was changed then.</summary>
    public static bool TryFold(JournalStore journal, ContentSource source)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(source);
        var overlay = source.Generation;
        if (overlay.BaseGeneration is not { } lower || source.BaseStaging is null) return false;
        using var claim = journal.Pins.TryFold(lower);
        if (claim is null) return false;
        long? since = null;
        journal.CommitFull(journal.Enqueue(writer => since = writer.MarkFolding(overlay.Id)));
        Redo(journal, source with { Generation = overlay with { Since = since } });
        return true;
    }

    /// <summary>Does, or does again, what <see cref="JournalWriter.MarkFolding"/> announced.</summary>
    public static void Redo(JournalStore journal, ContentSource source)
    {
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(source);
        var overlay = source.Generation;
        var files = journal.Files;
        var map = ExtentLog.Read(files.MapOf(overlay.Staging), overlay.BaseSize);
        using (var from = StagingFile.OpenForReading(files.FileOf(overlay.Staging)))
        using (var to = StagingFile.OpenForWriting(files.FileOf(source.BaseStaging!)))
        {
            // Bytes of the base above the limit are cut off first: what the overlay does not cover there reads as zeros.
            if (RandomAccess.GetLength(to) > map.BaseLimit) RandomAccess.SetLength(to, map.BaseLimit);
            foreach (var piece in map.Pieces(overlay.Size))
            {
                if (piece.Owner != ExtentOwner.Overlay) continue;
                FileRanges.Copy(from, to, piece.Start, piece.Length);
                CrashPoints.Reach(CrashPoints.FoldPiece);
            }

            RandomAccess.SetLength(to, overlay.Size);
            CrashPoints.Reach(CrashPoints.FoldWritten);
            if (files.MarkOf(overlay.Staging) is { } mark) files.Mark(source.BaseStaging!, StagingMark.Whole(mark));
            FileSync.Flush(to);
        }

        CrashPoints.Reach(CrashPoints.FoldDurable);
        ContentChanges.Keep(files, source, map);
        CrashPoints.Reach(CrashPoints.FoldLogged);
        journal.CommitFull(journal.Enqueue(writer => writer.FinishFolding(overlay.Id)));
    }
}
