using System.Text;

namespace SyncAgent.Store;

/// <summary>Which object keys are sent: 1 to 1,024 bytes of UTF-8 that XML can carry, since the answers that name a key are XML.
/// A key that cannot be sent as it is must not become another one.</summary>
internal static class S3Keys
{
    private const int MaxBytes = 1024;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Check(string key)
    {
        if (Fault(key) is { } fault) throw new StoreException(StoreErrorKind.InvalidName, $"The key {fault}.");
    }

    private static string? Fault(string key)
    {
        if (key.Length == 0) return "is empty";
        // The client of the protocol takes one slash for its own.
        if (key[0] == '/') return "begins with a slash";
        if (key.Any(c => c is (< ' ' and not '\t') or '\ufffe' or '\uffff')) return "has a control character in it";
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
