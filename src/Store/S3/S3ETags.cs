using System.Globalization;
using System.Security.Cryptography;
using Amazon.S3;

namespace SyncAgent.Store;

/// <summary>What an ETag proves. Source: Amazon's "Common response headers": the MD5 of the object when it came in one request and is
/// not encrypted with KMS; else not. That of a multipart object is the MD5 of its parts' MD5s, and how many they are.</summary>
internal static class S3ETags
{
    /// <summary>The ETag without quotes; null when there is none.</summary>
    public static string? Unquote(string? etag) => etag?.Trim('"') is { Length: > 0 } plain ? plain : null;

    /// <summary>An ETag as conditions want it.</summary>
    public static string Quote(string etag) => $"\"{etag}\"";

    /// <summary>Whether an ETag looks like an MD5.</summary>
    public static bool IsMd5(string etag) => etag.Length == 32 && etag.All(char.IsAsciiHexDigit);

    /// <summary>Whether an object is encrypted in a way that leaves its ETag unlike an MD5 of anything that was sent.</summary>
    public static bool IsKms(ServerSideEncryptionMethod? method) => method?.Value.StartsWith("aws:kms", StringComparison.Ordinal) == true;

    /// <summary>Whether the store says that it has other bytes than those with this MD5 (hex).</summary>
    public static bool Contradicts(string etag, string md5) => IsMd5(etag) && !etag.Equals(md5, StringComparison.OrdinalIgnoreCase);

    /// <summary>The ETag of an object that is made of these parts; null when their ETags are no MD5s.</summary>
    public static string? OfParts(IReadOnlyList<PartReference> parts)
    {
        if (!parts.All(p => IsMd5(p.ETag))) return null;
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var part in parts) md5.AppendData(Convert.FromHexString(part.ETag));
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(md5.GetHashAndReset())}-{parts.Count}");
    }

    /// <summary>Whether the store says that it has joined other parts than those that make up <paramref name="expected"/>.</summary>
    public static bool ContradictsParts(string etag, string expected) =>
        etag.Length >= 34 && etag[32] == '-' && etag.AsSpan(33).IndexOfAnyExceptInRange('0', '9') < 0 && IsMd5(etag[..32])
        && !etag.Equals(expected, StringComparison.OrdinalIgnoreCase);
}
