using System.Globalization;

namespace SyncAgent.DevStore;

/// <summary>
/// The Range header. Without <c>x-oss-range-behavior: standard</c> OSS answers any range that does not lie within the object
/// with 200 and the whole object; with it, RFC 9110 holds. Several ranges at once get the whole object.
/// </summary>
internal readonly record struct ByteRange(long Start, long Length)
{
    /// <summary>Null for the whole object with status 200.</summary>
    /// <exception cref="OssException">416, in standard behaviour only.</exception>
    public static ByteRange? Of(OssRequest request, long size)
    {
        if (request.Header("range") is not { } header || !header.StartsWith("bytes=", StringComparison.Ordinal)) return null;
        bool standard = request.Header("x-oss-range-behavior") == "standard";
        string[] ends = header["bytes=".Length..].Split('-');
        if (ends.Length != 2 || header.Contains(',', StringComparison.Ordinal)) return null;
        long? first = Number(ends[0]);
        long? last = Number(ends[1]);
        if ((first is null && ends[0].Length > 0) || (last is null && ends[1].Length > 0) || (first ?? last) is null || last < first) return null;
        if (first is { } start)
        {
            if (start >= size) return standard ? throw OssErrors.InvalidRange(size) : null;
            if (last >= size && !standard) return null;
            return new ByteRange(start, Math.Min(last ?? size - 1, size - 1) - start + 1);
        }

        if (last == 0 || size == 0) return standard ? throw OssErrors.InvalidRange(size) : null;
        if (last > size && !standard) return null;
        long suffix = Math.Min(last!.Value, size);
        return new ByteRange(size - suffix, suffix);
    }

    /// <summary>The first and last byte of a copy source's range, which must lie within it.</summary>
    public static ByteRange OfCopySource(string header, long size)
    {
        string[] ends = header.StartsWith("bytes=", StringComparison.Ordinal) ? header["bytes=".Length..].Split('-') : [];
        if (ends.Length != 2 || Number(ends[0]) is not { } first || Number(ends[1]) is not { } last || last < first || last >= size)
            throw OssErrors.InvalidArgument("x-oss-copy-source-range is bytes=first-last within the source.");
        return new ByteRange(first, last - first + 1);
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : null;
}
