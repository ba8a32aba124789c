using System.Globalization;
using System.Text;

namespace SyncAgent.DevStore;

/// <summary>RFC 3986 percent-encoding of UTF-8, as signatures use it.</summary>
internal static class PercentEncoding
{
    private const string Hex = "0123456789ABCDEF";
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Encodes all but letters, digits, <c>-_.~</c> and, if asked, the slash.</summary>
    public static string Encode(string text, bool keepSlash = false)
    {
        var encoded = new StringBuilder(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)b;
            if (char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '~' || (keepSlash && c == '/')) encoded.Append(c);
            else encoded.Append('%').Append(Hex[b >> 4]).Append(Hex[b & 15]);
        }

        return encoded.ToString();
    }

    /// <summary>Undoes percent-encoding; a plus sign stays one.</summary>
    /// <exception cref="FormatException">A percent sign without two hex digits, or bytes that are not UTF-8.</exception>
    public static string Decode(string text)
    {
        if (!text.Contains('%')) return text;
        byte[] source = Encoding.UTF8.GetBytes(text);
        var bytes = new List<byte>(source.Length);
        for (int i = 0; i < source.Length; i++)
        {
            if (source[i] != '%')
            {
                bytes.Add(source[i]);
                continue;
            }

            if (i + 2 >= source.Length
                || !byte.TryParse(source.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                throw new FormatException("Bad percent-encoding.");
            bytes.Add(value);
            i += 2;
        }

        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("Not UTF-8.", e);
        }
    }
}
