using System.Text;

namespace SyncAgent.Store;

/// <summary>Which object keys OSS takes: 1 to 1,023 bytes of UTF-8, not beginning with "/" or "\", without line breaks.
/// The vendor's clients do not look; a key that cannot be sent as it is must not become another one.</summary>
internal static class OssKeys
{
    private const int MaxBytes = 1023;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Check(string key)
    {
        if (Fault(key) is { } fault) throw new StoreException(StoreErrorKind.InvalidName, $"The key {fault}.");
    }

    private static string? Fault(string key)
    {
        if (key.Length == 0) return "is empty";
        if (key[0] is '/' or '\\') return "begins with a slash or a backslash";
        if (key.AsSpan().ContainsAny('\r', '\n')) return "has a line break in it";
        try
        {
            var bytes = Strict.GetByteCount(key);
            return bytes > MaxBytes ? $"takes {bytes} bytes in UTF-8; {MaxBytes} are allowed" : null;
        }
        catch (EncoderFallbackException)
        {
            return "is not valid Unicode (half of a surrogate pair)";
        }
    }
}
