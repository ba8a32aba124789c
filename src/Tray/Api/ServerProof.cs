using System.Security.Cryptography;
using System.Text;

namespace SyncAgent.Tray.Api;

/// <summary>
/// How the tray knows that it talks to the agent, and not to whoever took the port of one that died: the server answers a random nonce
/// with HMAC-SHA256(token, nonce), both as lower-case hex, before the tray shows the token.
/// </summary>
internal static class ServerProof
{
    private const int NonceBytes = 32;

    /// <summary>A nonce that was never used.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NonceBytes));

    /// <summary>Whether an answer proves that the server knows the token.</summary>
    /// <exception cref="FormatException">The token is not hex.</exception>
    public static bool Holds(string token, string nonce, string proof)
    {
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(token), Convert.FromHexString(nonce)));
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(proof));
    }
}
