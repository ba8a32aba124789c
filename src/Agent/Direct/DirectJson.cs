using System.Text.Json.Serialization;

namespace SyncAgent.Agent.Direct;

/// <summary>What put and get print for scripts.</summary>
/// <param name="Key">Key below the prefix.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">As the store gave it.</param>
/// <param name="Crc64">Decimal, as a string: it does not fit a JSON number. Null where the store states none.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record TransferResult(string Key, long Size, string ETag, string? Crc64, double Seconds);

/// <summary>One line of ls for scripts.</summary>
internal sealed record ListedKey(string Key, long Size, string ETag, DateTimeOffset LastModified);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TransferResult))]
[JsonSerializable(typeof(ListedKey))]
internal sealed partial class DirectJson : JsonSerializerContext;
