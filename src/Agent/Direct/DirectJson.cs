using System.Text.Json.Serialization;
using SyncAgent.Agent.Repair;

namespace SyncAgent.Agent.Direct;

/// <summary>What put and get print for scripts.</summary>
/// <param name="Key">Key below the prefix.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">As the store gave it.</param>
/// <param name="Crc64">CRC-64/XZ, decimal, as a string: it does not fit a JSON number. Put: of the file. Get: as the store states it, else null.</param>
/// <param name="Confirmed">Whether the store states a checksum of the whole object (put: its CRC-64; get: that or its MD5) and it is that of
/// the file. If not, a put was checked by the MD5 of each request, and a get by its size alone.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record TransferResult(string Key, long Size, string ETag, string? Crc64, bool Confirmed, double Seconds)
{
    /// <summary>Bytes that travelled: less than the size when an earlier upload was gone on with. Null for get.</summary>
    public long? SentBytes { get; init; }

    /// <summary>Version on a versioned bucket, else null.</summary>
    public string? VersionId { get; init; }

    /// <summary>Whether the upload callback was answered; null when none was asked for, or when it is not known (then there is a message).</summary>
    public bool? CallbackNotified { get; init; }

    /// <summary>The callback's answer, or why there was none.</summary>
    public string? CallbackMessage { get; init; }
}

/// <summary>One line of ls for scripts.</summary>
internal sealed record ListedKey(string Key, long Size, string ETag, DateTimeOffset LastModified);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DictionaryKeyPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TransferResult))]
[JsonSerializable(typeof(ListedKey))]
[JsonSerializable(typeof(OpenUpload))]
[JsonSerializable(typeof(VerifiedObject))]
[JsonSerializable(typeof(VerifySummary))]
internal sealed partial class DirectJson : JsonSerializerContext;
