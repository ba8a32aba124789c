namespace SyncAgent.Journal;

/// <summary>
/// What changed in a file since an earlier generation of it, as a map over that one: its <see cref="ExtentOwner.Base"/> pieces are the
/// same bytes at the same place. Told by extent logs alone, never by times. A log that is lost or torn may tell too little: whoever
/// relies on a piece compares its checksum.
/// </summary>
public static class ContentChanges
{
    /// <summary>The changes since what the bucket last confirmed, or null when they cannot be told.</summary>
    public static ExtentMap? Since(StagingFolder files, ContentSource source, RemoteState former)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(former);
        var generation = source.Generation;
        try
        {
            if (generation.Base == BaseKind.None) return IsTold(generation) ? Read(generation) : null;
            if (source.Lower is not { } lower) return null;
            if (lower.Id == former.Generation) return Read(generation);
            if (lower.Base != BaseKind.None || !IsTold(lower)) return null;
            var changes = Read(lower);
            Apply(Read(generation), generation, changes.Truncate, (start, end) => changes.Add(start, end));
            return changes;
        }
        catch (FileNotFoundException)
        {
            return null;
        }

        bool IsTold(Generation by) => by.Since is { } since ? since == former.Generation : by.BaseETag is not null && by.BaseETag == former.ETag;

        ExtentMap Read(Generation of) => ExtentLog.Read(files.MapOf(of.Staging), of.BaseSize);
    }

    /// <summary>Keeps what a folded overlay tells beside the base's file, durably. Doing it twice gives the same.</summary>
    internal static void Keep(StagingFolder files, ContentSource source, ExtentMap overlay)
    {
        var (generation, lower) = (source.Generation, source.Lower!);
        if (generation.Since is not { } since) return;
        var path = files.MapOf(lower.Staging);
        if (since != lower.Id && !File.Exists(path)) return; // lost: it cannot be told any more, and stays so
        using var log = since == lower.Id ? ExtentLog.Renew(path, generation.BaseSize) : ExtentLog.Open(path, lower.BaseSize);
        Apply(overlay, generation, log.Truncate, log.Add);
        FileSync.Flush(log.Handle);
    }

    // Zeros of the overlay lie above what is left of its base, and so above the limit of the map that is added to.
    private static void Apply(ExtentMap overlay, Generation generation, Action<long> truncate, Action<long, long> add)
    {
        if (overlay.BaseLimit < generation.BaseSize) truncate(overlay.BaseLimit);
        foreach (var piece in overlay.Pieces(generation.Size))
        {
            if (piece.Owner == ExtentOwner.Overlay) add(piece.Start, piece.End);
        }
    }
}
