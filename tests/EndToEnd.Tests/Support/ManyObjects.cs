using System.Globalization;
using System.Text;

namespace SyncAgent.EndToEnd.Tests.Support;

/// <summary>
/// Fills the folder of a dev-store that does not run: writes its log of changes, so that a hundred thousand objects take a second and no
/// requests. The objects can be listed and asked about; they have no bytes to read.
/// </summary>
internal static class ManyObjects
{
    private const ulong Polynomial = 0xC96C5795D7870F42; // CRC-64/XZ, reflected

    private static readonly ulong[] Table = [.. Enumerable.Range(0, 256).Select(TableEntry)];

    /// <summary>Writes a bucket with empty metadata and the given keys, replacing what the folder held.</summary>
    public static void Write(string root, string bucket, IEnumerable<(string Key, long Size)> objects)
    {
        Directory.CreateDirectory(root);
        using var log = new StreamWriter(Path.Combine(root, "metadata.log"), append: false, new UTF8Encoding(false), 1 << 20) { NewLine = "\n" };
        WriteLine(log, """{"t":"format","Version":1}""");
        WriteLine(log, $$$"""{"t":"bucket","Bucket":{"Name":"{{{bucket}}}","Created":"2026-01-01T00:00:00+00:00","Acl":"private","StorageClass":"Standard"}}""");
        var number = 0;
        foreach (var (key, size) in objects)
        {
            WriteLine(log, $$$"""
                {"t":"object","Object":{"Bucket":"{{{bucket}}}","Key":"{{{key}}}","Slices":[],"Size":{{{size}}},"ETag":"{{{++number:X32}}}","Crc":0,"LastModified":"2026-01-02T03:04:05+00:00","Attributes":{"ContentType":"text/plain","Headers":{},"StorageClass":"Standard","Acl":"default","Tags":[]},"IsMultipart":false,"Sequence":0,"IsDeleteMarker":false}}
                """);
        }
    }

    private static void WriteLine(StreamWriter log, string json)
    {
        var crc = ulong.MaxValue;
        foreach (var one in Encoding.UTF8.GetBytes(json)) crc = Table[(byte)(crc ^ one)] ^ (crc >> 8);
        log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{~crc:x16} {json}"));
    }

    private static ulong TableEntry(int index)
    {
        var entry = (ulong)index;
        for (var bit = 0; bit < 8; bit++) entry = (entry & 1) != 0 ? (entry >> 1) ^ Polynomial : entry >> 1;
        return entry;
    }
}
