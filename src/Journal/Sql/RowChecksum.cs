using System.Globalization;

namespace SyncAgent.Journal.Sql;

/// <summary>FNV-1a (64 bit) over a checkpoint row's fields, so that a damaged row is noticed and not believed.</summary>
internal static class RowChecksum
{
    private const ulong Basis = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    /// <summary>The phase is left out: it changes without the plan changing.</summary>
    public static long Of(UploadRow u) => Of(string.Create(
        CultureInfo.InvariantCulture, $"{u.Drive}|{u.Node}|{u.Generation}|{u.Key}|{u.UploadId}|{u.PartSize}|{u.Size}"));

    public static long Of(PartRow p) => Of(string.Create(
        CultureInfo.InvariantCulture, $"{p.Upload}|{p.Number}|{p.Offset}|{p.Length}|{p.Crc}|{p.ETag}"));

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = Basis;
        foreach (var b in bytes) hash = (hash ^ b) * Prime;
        return hash;
    }

    private static long Of(string text) => unchecked((long)Of(System.Text.Encoding.UTF8.GetBytes(text)));
}
