using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Store;

/// <summary>Secrets in files on Windows: encrypted by the system (DPAPI, crypt32) with a key of the user's logon or of the machine, as "dpapi:" and
/// Base64. Text without that beginning is itself.</summary>
public static unsafe partial class ProtectedText
{
    private const string Prefix = "dpapi:";
    private const uint NoDialogs = 1; // CRYPTPROTECT_UI_FORBIDDEN
    private const uint LocalMachine = 4; // CRYPTPROTECT_LOCAL_MACHINE

    /// <summary>Encrypts.</summary>
    /// <param name="text">What only its user is to read.</param>
    /// <param name="forMachine">Whether every user of this machine who may read the file is to.</param>
    /// <exception cref="CryptographicException">The system refuses.</exception>
    [SupportedOSPlatform("windows")]
    public static string Make(string text, bool forMachine) =>
        Prefix + Convert.ToBase64String(Run(Encoding.UTF8.GetBytes(text), forMachine ? NoDialogs | LocalMachine : NoDialogs, encrypt: true));

    /// <summary>Decrypts what <see cref="Make"/> gave; other text is given back as it is.</summary>
    /// <exception cref="CryptographicException">It was encrypted for somebody else, or is damaged.</exception>
    public static string Open(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!OperatingSystem.IsWindows() || !text.StartsWith(Prefix, StringComparison.Ordinal)) return text;
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text[Prefix.Length..], buffer, out var length)
            ? Encoding.UTF8.GetString(Run(buffer[..length], NoDialogs, encrypt: false))
            : throw new CryptographicException("not Base64");
    }

    [SupportedOSPlatform("windows")]
    private static byte[] Run(byte[] bytes, uint flags, bool encrypt)
    {
        Blob output;
        fixed (byte* data = bytes)
        {
            var input = new Blob { Length = (uint)bytes.Length, Data = data };
            var done = encrypt ? CryptProtectData(&input, null, null, null, null, flags, &output) : CryptUnprotectData(&input, null, null, null, null, flags, &output);
            if (done == 0) throw new CryptographicException(Marshal.GetLastPInvokeError());
        }

        var result = new Span<byte>(output.Data, (int)output.Length).ToArray();
        new Span<byte>(output.Data, (int)output.Length).Clear();
        LocalFree(output.Data);
        return result;
    }

    // DATA_BLOB
    private struct Blob
    {
        public uint Length;
        public byte* Data;
    }

    [LibraryImport("crypt32", SetLastError = true)]
    private static partial int CryptProtectData(Blob* input, char* description, Blob* entropy, void* reserved, void* prompt, uint flags, Blob* output);

    [LibraryImport("crypt32", SetLastError = true)]
    private static partial int CryptUnprotectData(Blob* input, char** description, Blob* entropy, void* reserved, void* prompt, uint flags, Blob* output);

    [LibraryImport("kernel32")]
    private static partial void* LocalFree(void* memory);
}
