using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Agent.Status;

/// <summary>
/// How a client knows that it talks to the agent, and not to whoever took the port of one that died: the server answers a
/// random nonce with HMAC-SHA256(token, nonce) before the client shows the token. All values travel as lower-case hex.
/// </summary>
internal static class ControlProof
{
    private const int TokenBytes = 32;
    private const int NonceBytes = 32;

    /// <summary>A new token for one run of an agent.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));

    /// <summary>A nonce that was never used.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>The proof; false when the nonce is not 32 bytes of hex.</summary>
    public static bool TryProve(string token, string? nonce, [NotNullWhen(true)] out string? proof)
    {
        proof = null;
        if (nonce is null || nonce.Length != NonceBytes * 2 || !nonce.All(char.IsAsciiHexDigit)) return false;
        proof = Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(token), Convert.FromHexString(nonce)));
        return true;
    }

    /// <summary>Compares secrets in constant time.</summary>
    public static bool AreEqual(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}
