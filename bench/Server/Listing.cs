using System.Globalization;
using System.Security;
using System.Text;

namespace SyncAgent.Bench.Server;

/// <summary>Answers that list something, as S3 writes them.</summary>
internal static class Listing
{
    private const int MostKeys = 1000;

    public static string Escape(string text) => SecurityElement.Escape(text);

    /// <summary>What every listing and copy says of an object.</summary>
    public static string Facts(StoredObject stored) => $"<LastModified>{stored.Modified:yyyy-MM-ddTHH:mm:ss.fffZ}</LastModified><ETag>&quot;{stored.ETag}&quot;</ETag>";

    /// <summary>ListObjects of both versions.</summary>
    public static string Page(Request request, Bucket bucket)
    {
        var isSecond = request.Query("list-type") == "2";
        var isEncoded = request.Query("encoding-type") == "url";
        string Name(string text) => isEncoded ? Uri.EscapeDataString(text) : Escape(text);
        var (prefix, delimiter) = (request.Query("prefix") ?? "", request.Query("delimiter") ?? "");
        var after = (isSecond ? request.Query("continuation-token") ?? request.Query("start-after") : request.Query("marker")) ?? "";
        var most = request.Query("max-keys") is { Length: > 0 } given ? Math.Min(MostKeys, int.Parse(given, CultureInfo.InvariantCulture)) : MostKeys;
        var (page, isTruncated) = bucket.List(prefix, delimiter, after, most);

        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        xml.Append(CultureInfo.InvariantCulture, $"<Name>{request.Bucket}</Name><Prefix>{Name(prefix)}</Prefix><MaxKeys>{most}</MaxKeys>");
        if (delimiter.Length > 0) xml.Append(CultureInfo.InvariantCulture, $"<Delimiter>{Name(delimiter)}</Delimiter>");
        if (isEncoded) xml.Append("<EncodingType>url</EncodingType>");
        xml.Append(CultureInfo.InvariantCulture, $"<IsTruncated>{(isTruncated ? "true" : "false")}</IsTruncated>");
        if (isSecond) xml.Append(CultureInfo.InvariantCulture, $"<KeyCount>{page.Count}</KeyCount>");
        if (isTruncated && isSecond) xml.Append(CultureInfo.InvariantCulture, $"<NextContinuationToken>{Escape(page[^1].Name)}</NextContinuationToken>");
        if (isTruncated && !isSecond) xml.Append(CultureInfo.InvariantCulture, $"<NextMarker>{Name(page[^1].Name)}</NextMarker>");
        foreach (var (name, stored) in page)
        {
            if (stored is null) xml.Append(CultureInfo.InvariantCulture, $"<CommonPrefixes><Prefix>{Name(name)}</Prefix></CommonPrefixes>");
            else xml.Append(CultureInfo.InvariantCulture, $"<Contents><Key>{Name(name)}</Key>{Facts(stored)}<Size>{stored.Size}</Size><StorageClass>STANDARD</StorageClass></Contents>");
        }

        return xml.Append("</ListBucketResult>").ToString();
    }

    /// <summary>ListParts, in one page.</summary>
    public static string Parts(Request request, IReadOnlyList<(int Number, StoredObject Part)> parts)
    {
        var after = request.Query("part-number-marker") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : 0;
        var rows = parts.Where(part => part.Number > after).Select(part => $"<Part><PartNumber>{part.Number}</PartNumber>{Facts(part.Part)}<Size>{part.Part.Size}</Size></Part>");
        return $"<ListPartsResult><Bucket>{request.Bucket}</Bucket><Key>{Escape(request.Key)}</Key><UploadId>{request.Query("uploadId")}</UploadId><IsTruncated>false</IsTruncated>{string.Concat(rows)}</ListPartsResult>";
    }

    /// <summary>ListMultipartUploads, in one page.</summary>
    public static string Uploads(Request request, Bucket bucket)
    {
        var rows = bucket.Uploads(request.Query("prefix") ?? "").Select(upload => $"<Upload><Key>{Escape(upload.Key)}</Key><UploadId>{upload.Id}</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload>");
        return $"<ListMultipartUploadsResult><Bucket>{request.Bucket}</Bucket><IsTruncated>false</IsTruncated>{string.Concat(rows)}</ListMultipartUploadsResult>";
    }
}
