using System.Globalization;
using System.Text;

namespace SyncAgent.Store;

/// <summary>
/// Deletes many keys: those that an XML document carries unharmed in one request, the others one by one. Parsers drop or change
/// white space at the ends of a text and control characters, and a key that arrives changed would delete another object.
/// </summary>
internal static class ManyKeys
{
    private const int SinglesAtOnce = 8;

    /// <summary>Deletes keys.</summary>
    /// <param name="keys">1 to <see cref="DeleteResult.MaxKeys"/>.</param>
    /// <param name="together">Deletes those that can go together; at least two. Null where the store cannot.</param>
    /// <param name="one">Deletes one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<DeleteResult>> DeleteAsync(
        IReadOnlyList<string> keys, Func<IReadOnlyList<string>, Task<IReadOnlyDictionary<string, StoreException?>>>? together,
        Func<string, CancellationToken, Task> one, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Count, 1, nameof(keys));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(keys.Count, DeleteResult.MaxKeys, nameof(keys));
        var plain = together is null ? [] : keys.Where(IsCarriedUnharmed).ToList();
        if (plain.Count == 1) plain.Clear();
        var results = new System.Collections.Concurrent.ConcurrentDictionary<string, StoreException?>(StringComparer.Ordinal);
        if (plain.Count > 0)
        {
            var answered = await together!(plain);
            foreach (var key in plain) results[key] = answered.TryGetValue(key, out var error) ? error : NotMentioned(key);
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = SinglesAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(keys.Where(key => !results.ContainsKey(key)).ToList(), options, async (key, token) =>
        {
            try
            {
                await one(key, token);
                results[key] = null;
            }
            catch (StoreException e)
            {
                results[key] = e;
            }
        });
        return [.. keys.Select(key => new DeleteResult(key, results[key]))];
    }

    /// <summary>The body of DeleteMultipleObjects and DeleteObjects.</summary>
    public static byte[] WriteDocument(IReadOnlyList<string> keys)
    {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete><Quiet>false</Quiet>", 64 + (keys.Count * 100));
        foreach (var key in keys) Escape(xml.Append("<Object><Key>"), key).Append("</Key></Object>");
        return Encoding.UTF8.GetBytes(xml.Append("</Delete>").ToString());
    }

    private static bool IsCarriedUnharmed(string key) =>
        !char.IsWhiteSpace(key[0]) && !char.IsWhiteSpace(key[^1]) && key.All(c => CharUnicodeInfo.GetUnicodeCategory(c) switch
        {
            UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
            _ => c is not ('\ufffe' or '\uffff'),
        });

    private static StringBuilder Escape(StringBuilder xml, string text)
    {
        foreach (var c in text)
        {
            _ = c switch
            {
                '&' => xml.Append("&amp;"),
                '<' => xml.Append("&lt;"),
                '>' => xml.Append("&gt;"),
                '"' => xml.Append("&quot;"),
                '\'' => xml.Append("&apos;"),
                _ => xml.Append(c),
            };
        }

        return xml;
    }

    private static StoreException NotMentioned(string key) =>
        new(StoreErrorKind.Network, $"the answer to a deletion of many keys does not mention {key}") { MayHaveSucceeded = true };
}
