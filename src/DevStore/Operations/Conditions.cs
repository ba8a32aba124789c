using System.Globalization;

namespace SyncAgent.DevStore;

/// <summary>If-Match and its relatives, on reads and on copy sources.</summary>
internal static class Conditions
{
    /// <param name="headerPrefix"><c>if-</c>, or <c>x-oss-copy-source-if-</c>.</param>
    /// <exception cref="OssException">412 or 304.</exception>
    public static void Check(OssRequest request, ObjectRecord item, string headerPrefix = "if-")
    {
        string? match = request.Header(headerPrefix + "match");
        if (match is not null && !Matches(match, item)) throw OssErrors.PreconditionFailed("If-Match");
        if (match is null && Time(request, headerPrefix + "unmodified-since") is { } unmodified && Seconds(item) > unmodified)
            throw OssErrors.PreconditionFailed("If-Unmodified-Since");
        string? noneMatch = request.Header(headerPrefix + "none-match");
        if (noneMatch is not null && Matches(noneMatch, item)) throw OssErrors.NotModified();
        if (noneMatch is null && Time(request, headerPrefix + "modified-since") is { } modified && Seconds(item) <= modified)
            throw OssErrors.NotModified();
    }

    private static bool Matches(string list, ObjectRecord item) => list.Split(',', StringSplitOptions.TrimEntries)
        .Any(tag => tag == "*" || tag.Trim('"').Equals(item.ETag, StringComparison.OrdinalIgnoreCase));

    private static DateTimeOffset? Time(OssRequest request, string header) =>
        DateTimeOffset.TryParseExact(request.Header(header), "R", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTimeOffset time)
            ? time
            : null;

    private static DateTimeOffset Seconds(ObjectRecord item) => DateTimeOffset.FromUnixTimeSeconds(item.LastModified.ToUnixTimeSeconds());
}
