namespace SyncAgent.Journal;

/// <summary>
/// What the parts of an object's key between its slashes are called in the tree, and back: the one mapping that file system and
/// transfer share. Nearly every segment is its own name. Those that cannot be names get one with the quote character U+201B, and
/// segments that look like such a name get one more, so that every segment has exactly one name and comes back unchanged:
/// <list type="bullet">
/// <item>the empty segment, "." and "..", each also with quote characters before it: one more quote character before it;</item>
/// <item>the zero character: "‛00"; quote characters before it, or before a "00", are doubled;</item>
/// <item>quote characters at the end: doubled, because an odd number of them marks a file whose segment a folder has too
/// (the objects <c>a</c> and <c>a/b</c> are the file <c>a‛</c> and the folder <c>a</c>).</item>
/// </list>
/// See docs/decisions/0005-names.md.
/// </summary>
public static class KeyNames
{
    /// <summary>The quote character.</summary>
    public const char Quote = '\u201B';

    private const string Zero = "00";

    /// <summary>The name of a key's segment.</summary>
    public static string ToName(string segment)
    {
        ArgumentNullException.ThrowIfNull(segment);
        if (IsPlain(segment)) return segment;
        var shown = EscapeZeros(segment);
        if (IsQuotedDots(shown)) shown = Quote + shown;
        return shown + new string(Quote, TailOf(shown));
    }

    /// <summary>The name of a file whose segment is also that of a folder beside it.</summary>
    public static string ToNameBesideFolder(string segment) => ToName(segment) + Quote;

    /// <summary>The key's segment that a name stands for.</summary>
    public static string ToSegment(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.Contains(Quote, StringComparison.Ordinal)) return name;
        var shown = name[..^((TailOf(name) + 1) / 2)];
        if (shown.StartsWith(Quote) && IsQuotedDots(shown)) shown = shown[1..];
        return UnescapeZeros(shown);
    }

    /// <summary>Whether a name is that of a file whose segment a folder has too.</summary>
    public static bool IsBesideFolder(string name) => TailOf(name) % 2 == 1;

    /// <summary>Whether some segment has this name. All names but the empty one, ".", "..", those with a slash or a zero character, and
    /// "‛", ".‛" and "..‛".</summary>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Contains('/', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal)) return false;
        if (!name.Contains(Quote, StringComparison.Ordinal)) return name is not ("" or "." or "..");
        return name == (IsBesideFolder(name) ? ToNameBesideFolder(ToSegment(name)) : ToName(ToSegment(name)));
    }

    /// <summary>Key of a node, without the drive's prefix.</summary>
    /// <param name="names">Names from below the root down to the node; none for the root.</param>
    /// <param name="directory">Whether the key is a directory's, which ends in "/"; the root's is empty.</param>
    public static string ToKey(IReadOnlyCollection<string> names, bool directory)
    {
        ArgumentNullException.ThrowIfNull(names);
        return names.Count == 0 ? "" : string.Join('/', names.Select(ToSegment)) + (directory ? "/" : "");
    }

    /// <summary>Names joined by "/", for people, of a key without the drive's prefix. Whether a folder has the last one too is not
    /// known here.</summary>
    public static string ToPath(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.Length == 0 ? "" : string.Join('/', Segments(key).Select(ToName));
    }

    /// <summary>Segments of a key; that a directory's ends in "/" adds none.</summary>
    internal static string[] Segments(string key) => (key.EndsWith('/') ? key[..^1] : key).Split('/');

    private static bool IsPlain(string segment) =>
        segment is not ("" or "." or "..") && !segment.Contains(Quote, StringComparison.Ordinal) && !segment.Contains('\0', StringComparison.Ordinal);

    private static bool IsQuotedDots(string text) => text.AsSpan().TrimStart(Quote) is "" or "." or "..";

    private static int TailOf(string text) => text.Length - text.AsSpan().TrimEnd(Quote).Length;

    // A run of n quote characters before the zero character becomes 2n+1 before "00", one before "00" becomes 2n.
    private static string EscapeZeros(string segment)
    {
        if (!segment.Contains('\0', StringComparison.Ordinal) && !segment.Contains(Zero, StringComparison.Ordinal)) return segment;
        var shown = new System.Text.StringBuilder();
        for (var at = 0; at < segment.Length;)
        {
            var quotes = QuotesAt(segment, at);
            at += quotes;
            shown.Append(Quote, quotes);
            if (at == segment.Length) break;
            if (segment[at] == '\0')
            {
                shown.Append(Quote, quotes + 1).Append(Zero);
                at++;
            }
            else
            {
                if (string.CompareOrdinal(segment, at, Zero, 0, Zero.Length) == 0) shown.Append(Quote, quotes);
                shown.Append(segment[at++]);
            }
        }

        return shown.ToString();
    }

    private static string UnescapeZeros(string shown)
    {
        if (!shown.Contains(Zero, StringComparison.Ordinal)) return shown;
        var segment = new System.Text.StringBuilder();
        for (var at = 0; at < shown.Length;)
        {
            var quotes = QuotesAt(shown, at);
            at += quotes;
            var before = string.CompareOrdinal(shown, at, Zero, 0, Zero.Length) == 0;
            segment.Append(Quote, before ? quotes / 2 : quotes);
            if (at == shown.Length) break;
            if (before && quotes % 2 == 1)
            {
                segment.Append('\0');
                at += Zero.Length;
            }
            else
            {
                segment.Append(shown[at++]);
            }
        }

        return segment.ToString();
    }

    private static int QuotesAt(string text, int at) => text.Length - at - text.AsSpan(at).TrimStart(Quote).Length;
}
