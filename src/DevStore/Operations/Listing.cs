namespace SyncAgent.DevStore;

/// <summary>One name of a listing: an element, or a common prefix that stands for many (then <c>Value</c> is null).</summary>
internal readonly record struct ListedName<T>(string Name, string Sub, T? Value);

/// <summary>One page; <c>Names</c> in listing order.</summary>
internal sealed record ListedPage<T>(IReadOnlyList<ListedName<T>> Names, bool Truncated);

/// <summary>
/// Paging with prefix and delimiter, the same for objects and uploads. A name (a key, or the common prefix that its group is
/// rolled up into) is returned if and only if it sorts behind the marker; so a marker inside a group skips the group.
/// </summary>
internal static class Listing
{
    /// <param name="afterKey">Exclusive marker; empty for the beginning.</param>
    /// <param name="afterSub">Second half of the marker; null means behind every entry of <paramref name="afterKey"/>.</param>
    public static ListedPage<T> Page<T>(KeyIndex<T> index, string prefix, string delimiter, string afterKey, string? afterSub, int max)
        where T : class
    {
        var names = new List<ListedName<T>>();
        if (max == 0) return new ListedPage<T>(names, false);
        KeyIndex<T>.Entry? next = Start<T>(prefix, afterKey, afterSub);
        while (next is { } start)
        {
            next = null;
            foreach (KeyIndex<T>.Entry entry in index.From(start))
            {
                if (!entry.Key.StartsWith(prefix, StringComparison.Ordinal)) break;
                bool isMarker = entry.Key == afterKey && entry.Sub == afterSub;
                string? group = GroupOf(entry.Key, prefix, delimiter);
                bool skipped = isMarker || (group is not null && afterKey.Length > 0 && Utf8Order.Compare(group, afterKey) <= 0);
                if (!skipped)
                {
                    if (names.Count == max) return new ListedPage<T>(names, true);
                    names.Add(group is null ? new(entry.Key, entry.Sub, entry.Value) : new(group, "", null));
                }

                if (group is null) continue;
                // Jump over the group instead of walking it: it may have a hundred thousand members.
                next = new KeyIndex<T>.Entry(group, "", null, PastPrefix: true);
                break;
            }
        }

        return new ListedPage<T>(names, false);
    }

    private static KeyIndex<T>.Entry Start<T>(string prefix, string afterKey, string? afterSub)
        where T : class
    {
        const string behindEverySub = "\uFFFF";
        return afterKey.Length == 0 || Utf8Order.Compare(prefix, afterKey) > 0
            ? new KeyIndex<T>.Entry(prefix, "", null)
            : new KeyIndex<T>.Entry(afterKey, afterSub ?? behindEverySub, null);
    }

    private static string? GroupOf(string key, string prefix, string delimiter)
    {
        if (delimiter.Length == 0) return null;
        int at = key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + delimiter.Length)];
    }
}
