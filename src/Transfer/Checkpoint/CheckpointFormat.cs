using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Transfer;

/// <summary>
/// The lines of a checkpoint: the CRC-64/XZ of the rest in 16 hex digits, a space, one JSON object, a line feed. A line whose checksum
/// does not fit was torn or damaged and counts as absent; the lines after it still count.
/// </summary>
internal static class CheckpointFormat
{
    private const int CrcDigits = 16;

    public static string Write(UploadRecord record) => Line(record, CheckpointJson.Default.UploadRecord);

    public static string Write(PartRow part) => Line(
        new PartRecord(part.Number, part.Offset, part.Length, part.Crc.ToString("x16", CultureInfo.InvariantCulture), part.ETag),
        CheckpointJson.Default.PartRecord);

    /// <summary>The first line of a file, or null when it is damaged.</summary>
    /// <exception cref="StoreException">A newer version of this program wrote it.</exception>
    public static UploadRecord? ReadRecord(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        if (end < 0) return null;
        // The version first: the rest of a newer one may look different.
        if (Parse(text[..end], CheckpointJson.Default.FormatVersion) is { } format && format.Version > UploadRecord.CurrentVersion)
        {
            throw new StoreException(
                StoreErrorKind.NotSupported,
                $"A checkpoint has format {format.Version}; this version knows {UploadRecord.CurrentVersion}. Use the newer version, or put without a checkpoint.");
        }

        return Parse(text[..end], CheckpointJson.Default.UploadRecord) is { Stamp: not null } record ? record : null;
    }

    /// <summary>The parts that follow the first line; of two with the same number the later one.</summary>
    public static IReadOnlyList<PartRow> ReadParts(string text)
    {
        var parts = new SortedDictionary<int, PartRow>();
        foreach (var line in text.Split('\n').Skip(1))
        {
            if (Parse(line, CheckpointJson.Default.PartRecord) is { } part
                && ulong.TryParse(part.Crc, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var crc))
            {
                parts[part.Number] = new PartRow(0, part.Number, part.Offset, part.Length, crc, part.ETag, true);
            }
        }

        return [.. parts.Values];
    }

    private static string Line<T>(T value, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.Serialize(value, type);
        return string.Create(CultureInfo.InvariantCulture, $"{Crc64.Compute(Encoding.UTF8.GetBytes(json)):x16} {json}\n");
    }

    private static T? Parse<T>(string line, JsonTypeInfo<T> type)
        where T : class
    {
        if (line.Length < CrcDigits + 2 || line[CrcDigits] != ' ') return null;
        var json = line[(CrcDigits + 1)..];
        if (!ulong.TryParse(line.AsSpan(0, CrcDigits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var crc)
            || crc != Crc64.Compute(Encoding.UTF8.GetBytes(json)))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (JsonException)
        {
            return null; // whole, but not ours
        }
    }
}
