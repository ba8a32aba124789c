namespace SyncAgent.Store;

/// <summary>
/// What no honest listing says. Whoever writes to a bucket chooses keys, and whoever runs a store chooses everything: what is listed is used to
/// cut keys, to add up sizes and to go on from markers, so that nonsense in it must end here and not in those who use it.
/// </summary>
internal static class ListingCheck
{
    /// <summary>Why a page cannot be used, or null.</summary>
    public static string? FindFault(ListRequest request, ListPage page)
    {
        if (page.ContinuationToken is not null && page.ContinuationToken == request.ContinuationToken) return "it goes on where it began: it would never end";
        foreach (var found in page.Objects)
        {
            if (!found.Key.StartsWith(request.Prefix, StringComparison.Ordinal)) return "it names a key outside the prefix that was asked for";
            if (found.Size < 0) return "it names a size below zero";
        }

        foreach (var folder in page.CommonPrefixes)
        {
            if (request.Delimiter is not { } delimiter || folder.Length <= request.Prefix.Length + delimiter.Length - 1
                || !folder.StartsWith(request.Prefix, StringComparison.Ordinal) || !folder.EndsWith(delimiter, StringComparison.Ordinal))
            {
                return "it names a folder that was not asked for";
            }
        }

        return null;
    }

    /// <summary>Why a page of parts cannot be used, or null.</summary>
    public static string? FindFault(int marker, PartsPage page) =>
        page.NextPartNumberMarker is { } next && next <= marker ? "it goes on where it began: it would never end"
        : page.Parts.Any(part => part.Size < 0 || part.PartNumber < 1) ? "it names a part with a size or number below what there is"
        : null;

    /// <summary>Why a page of uploads cannot be used, or null.</summary>
    public static string? FindFault(string? keyMarker, string? idMarker, UploadsPage page) =>
        page.NextKeyMarker is not null && page.NextKeyMarker == keyMarker && page.NextUploadIdMarker == idMarker
            ? "it goes on where it began: it would never end"
            : null;
}
