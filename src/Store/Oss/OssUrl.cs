using System.Buffers;
using System.Text;

namespace SyncAgent.Store;

/// <summary>Percent-encoding as OSS signs it: UTF-8 bytes outside A-Z a-z 0-9 - _ . ~ become %XX, upper-case hex.</summary>
internal static class OssUrl
{
    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~");

    private static readonly SearchValues<char> UnreservedOrSlash =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/");

    /// <summary>Encodes a query name or value; "/" too.</summary>
    public static string Encode(string text) => Encode(text, Unreserved);

    /// <summary>Encodes a key; "/" stays.</summary>
    public static string EncodePath(string text) => Encode(text, UnreservedOrSlash);

    /// <summary>Joins names and values into a query, sorted as the signature wants them; an empty value leaves its "=" out.</summary>
    public static string Query(IEnumerable<KeyValuePair<string, string>> parameters) => string.Join(
        '&',
        parameters
            .Select(p => (Name: Encode(p.Key), Value: Encode(p.Value)))
            .OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => p.Value.Length == 0 ? p.Name : $"{p.Name}={p.Value}"));

    private static string Encode(string text, SearchValues<char> kept)
    {
        if (!text.AsSpan().ContainsAnyExcept(kept)) return text;
        var encoded = new StringBuilder(text.Length + 32);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii && kept.Contains((char)rune.Value))
            {
                encoded.Append((char)rune.Value);
                continue;
            }

            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)]) encoded.Append('%').Append(value.ToString("X2", null));
        }

        return encoded.ToString();
    }
}
