using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace SyncAgent.Fs.Core;

/// <summary>
/// Names as bytes, as Linux knows them and as the limit of 255 counts them on every system. A byte that is no UTF-8 stands in the drive's name, and in the key, as "‛" (U+201B) and two
/// upper-case hexadecimal digits. A name is turned back into such bytes only as a whole, and only when they would give this very name
/// again; else its bytes are its UTF-8. So every name has exactly one form in bytes. The few texts whose bytes would be another
/// name's (a "‛FF" that somebody typed) are refused.
/// </summary>
public static class NameBytes
{
    private const char Quote = Journal.KeyNames.Quote;
    private const int CodeLength = 3; // "‛" and two digits
    private const int LowestRaw = 0x80;

    /// <summary>Length of a name in bytes.</summary>
    public static int Count(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return TryGetRaw(name, out var raw) ? raw.Length : Encoding.UTF8.GetByteCount(name);
    }

    /// <summary>Writes a name's bytes.</summary>
    /// <param name="name">Name.</param>
    /// <param name="target">Has room for <see cref="Count"/>.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(string name, Span<byte> target)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!TryGetRaw(name, out var raw)) return Encoding.UTF8.GetBytes(name, target);
        raw.CopyTo(target);
        return raw.Length;
    }

    /// <summary>The name that bytes stand for; false when their text is the name of other bytes.</summary>
    public static bool TryGetName(ReadOnlySpan<byte> bytes, out string name)
    {
        var isText = Utf8.IsValid(bytes);
        name = isText ? Encoding.UTF8.GetString(bytes) : Escape(bytes);
        return TryGetRaw(name, out var raw) ? bytes.SequenceEqual(raw) : isText;
    }

    // The bytes behind a name that stands for bytes which are no UTF-8; false for all others.
    private static bool TryGetRaw(string name, out byte[] raw)
    {
        raw = [];
        var code = NextCode(name, 0);
        if (code < 0) return false;
        var bytes = new byte[Encoding.UTF8.GetByteCount(name)];
        var (from, length) = (0, 0);
        for (; code >= 0; code = NextCode(name, from))
        {
            length += Encoding.UTF8.GetBytes(name.AsSpan(from, code - from), bytes.AsSpan(length));
            bytes[length++] = ValueAt(name, code);
            from = code + CodeLength;
        }

        length += Encoding.UTF8.GetBytes(name.AsSpan(from), bytes.AsSpan(length));
        raw = bytes[..length];
        return Escape(raw) == name;
    }

    private static string Escape(ReadOnlySpan<byte> bytes)
    {
        var name = new StringBuilder(bytes.Length + CodeLength);
        Span<char> pair = stackalloc char[2];
        while (bytes.Length > 0)
        {
            var valid = Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done;
            if (valid) name.Append(pair[..rune.EncodeToUtf16(pair)]);
            else foreach (var one in bytes[..used]) name.Append(Quote).Append(one.ToString("X2", CultureInfo.InvariantCulture));
            bytes = bytes[used..];
        }

        return name.ToString();
    }

    private static int NextCode(string name, int from)
    {
        while (true)
        {
            var at = name.IndexOf(Quote, from);
            if (at < 0 || at + CodeLength > name.Length) return -1;
            if (char.IsAsciiHexDigitUpper(name[at + 1]) && char.IsAsciiHexDigitUpper(name[at + 2]) && ValueAt(name, at) >= LowestRaw) return at;
            from = at + 1;
        }
    }

    private static byte ValueAt(string name, int code) =>
        byte.Parse(name.AsSpan(code + 1, CodeLength - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
