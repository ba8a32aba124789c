using System.Text.Json.Serialization;

namespace SyncAgent.Transfer;

/// <summary>
/// What a checkpoint says of an upload: where it goes, which file it is of, and the store's id for it. Every field but the last three
/// must fit for the upload to be gone on with.
/// </summary>
/// <param name="Version">Of the format, <see cref="CurrentVersion"/>.</param>
/// <param name="Location">Endpoint and bucket.</param>
/// <param name="Key">Object key.</param>
/// <param name="Path">Absolute path of the file.</param>
/// <param name="Stamp">Size, times and inode of the file.</param>
/// <param name="Options">Digest of how the object is stored, since that is fixed when the upload begins.</param>
/// <param name="PartSize">Bytes of every part but the last.</param>
/// <param name="Nonce">Random; stands in the object's metadata where the store states no CRC-64, and tells the object after a lost reply.</param>
/// <param name="UploadId">The store's id; null before its reply came, and when it was lost.</param>
/// <param name="Lost">Whether the reply to an Initiate was lost, here or in a former attempt.</param>
/// <param name="Created">When it began, UTC.</param>
public sealed record UploadRecord(
    int Version, string Location, string Key, string Path, FileStamp Stamp, string Options, long PartSize, string Nonce, string? UploadId, bool Lost,
    DateTimeOffset Created)
{
    /// <summary>The format of this program. A newer one is refused, not guessed at.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Whether this upload is of the very same thing as another would be.</summary>
    internal bool Fits(UploadRecord other) =>
        Location == other.Location && Key == other.Key && Path == other.Path && Stamp == other.Stamp && Options == other.Options && PartSize > 0;
}

/// <summary>A finished part in a checkpoint.</summary>
/// <param name="Number">1 to 10,000.</param>
/// <param name="Offset">Bytes from the start of the file.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Crc">CRC-64/XZ of the bytes that were sent, 16 hex digits.</param>
/// <param name="ETag">The store's answer.</param>
internal sealed record PartRecord(int Number, long Offset, long Length, string Crc, string ETag);

/// <summary>What all versions of the first line have in common.</summary>
/// <param name="Version">Of the format.</param>
internal sealed record FormatVersion(int Version);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UploadRecord))]
[JsonSerializable(typeof(PartRecord))]
[JsonSerializable(typeof(FormatVersion))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
