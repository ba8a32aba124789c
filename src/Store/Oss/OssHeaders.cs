using System.Globalization;

namespace SyncAgent.Store;

/// <summary>Names of OSS headers and how to read them.</summary>
internal static class OssHeaders
{
    public const string Date = "x-oss-date";
    public const string ContentSha256 = "x-oss-content-sha256";
    public const string SecurityToken = "x-oss-security-token";
    public const string RequestId = "x-oss-request-id";
    public const string ErrorCode = "x-oss-ec";
    public const string HeadError = "x-oss-err";
    public const string QosDelay = "x-oss-qos-delay-time";
    public const string Crc64 = "x-oss-hash-crc64ecma";
    public const string VersionId = "x-oss-version-id";
    public const string StorageClass = "x-oss-storage-class";
    public const string ForbidOverwrite = "x-oss-forbid-overwrite";
    public const string RangeBehavior = "x-oss-range-behavior";
    public const string CopySource = "x-oss-copy-source";
    public const string CopySourceRange = "x-oss-copy-source-range";
    public const string CopySourceIfMatch = "x-oss-copy-source-if-match";
    public const string MetadataDirective = "x-oss-metadata-directive";
    public const string MetadataPrefix = "x-oss-meta-";
    public const string ObjectAcl = "x-oss-object-acl";
    public const string Tagging = "x-oss-tagging";
    public const string TaggingDirective = "x-oss-tagging-directive";
    public const string Encryption = "x-oss-server-side-encryption";
    public const string EncryptionKeyId = "x-oss-server-side-encryption-key-id";
    public const string Callback = "x-oss-callback";
    public const string CallbackVariables = "x-oss-callback-var";
    public const string CacheControl = "cache-control";
    public const string ContentDisposition = "content-disposition";
    public const string ContentEncoding = "content-encoding";
    public const string ContentType = "content-type";
    public const string ContentMd5 = "content-md5";

    /// <summary>The checksum that the store states, or null.</summary>
    public static ulong? ReadCrc64(HttpResponseMessage response) => ParseCrc64(HeaderValues.First(response.Headers, Crc64));

    /// <summary>Reads a decimal checksum; null when it is missing or not a number.</summary>
    public static ulong? ParseCrc64(string? text) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var crc) ? crc : null;

    /// <summary>The ETag without quotes, or null.</summary>
    public static string? ReadETag(HttpResponseMessage response) => HeaderValues.First(response.Headers, "ETag")?.Trim('"');

    /// <summary>An ETag as conditions want it.</summary>
    public static string Quote(string etag) => $"\"{etag}\"";

    /// <summary>What the headers of a HEAD or GET tell about an object of <paramref name="size"/> bytes.</summary>
    public static ObjectInfo ReadInfo(string key, long size, HttpResponseMessage response)
    {
        var metadata = new Dictionary<string, string>();
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            if (name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase))
                metadata[name[MetadataPrefix.Length..].ToLowerInvariant()] = values.ToString();
        }

        return new ObjectInfo(
            key, size, ReadETag(response) ?? "", response.Content.Headers.LastModified ?? DateTimeOffset.UnixEpoch, ReadCrc64(response),
            HeaderValues.First(response.Headers, VersionId), HeaderValues.First(response.Headers, StorageClass), HeaderValues.First(response.Content.Headers, "Content-Type"), metadata)
        {
            CacheControl = HeaderValues.First(response.Headers, "Cache-Control"),
            ContentDisposition = HeaderValues.First(response.Content.Headers, "Content-Disposition"),
            ContentEncoding = HeaderValues.First(response.Content.Headers, "Content-Encoding"),
        };
    }
}
