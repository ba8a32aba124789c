using System.Globalization;
using System.Text;
using System.Xml;

namespace SyncAgent.DevStore;

internal sealed class ListOperations(Catalog catalog)
{
    private const int DefaultKeys = 100;
    private const int MaxKeys = 1000;

    public Task<OssResponse> ListV1Async(OssRequest request)
    {
        string marker = request.Parameter("marker") ?? "";
        ListingQuery query = ListingQuery.Of(request, MaxOf(request, "max-keys", DefaultKeys, MaxKeys));
        ListedPage<ObjectRecord> page = Page(request, query, marker);
        return Task.FromResult(OssResponse.Xml("ListBucketResult", xml =>
        {
            WriteHead(xml, request, query, page);
            xml.WriteElementString("Marker", query.Encoded(marker));
            if (page.Truncated) xml.WriteElementString("NextMarker", query.Encoded(page.Names[^1].Name));
            WriteNames(xml, query, page, withOwner: true);
        }));
    }

    public Task<OssResponse> ListV2Async(OssRequest request)
    {
        string? token = request.Parameter("continuation-token");
        string startAfter = request.Parameter("start-after") ?? "";
        ListingQuery query = ListingQuery.Of(request, MaxOf(request, "max-keys", DefaultKeys, MaxKeys));
        ListedPage<ObjectRecord> page = Page(request, query, string.IsNullOrEmpty(token) ? startAfter : DecodeToken(token));
        return Task.FromResult(OssResponse.Xml("ListBucketResult", xml =>
        {
            WriteHead(xml, request, query, page);
            xml.WriteElementString("KeyCount", page.Names.Count.ToString(CultureInfo.InvariantCulture));
            if (startAfter.Length > 0) xml.WriteElementString("StartAfter", query.Encoded(startAfter));
            if (!string.IsNullOrEmpty(token)) xml.WriteElementString("ContinuationToken", query.Encoded(token));
            if (page.Truncated) xml.WriteElementString("NextContinuationToken", query.Encoded(EncodeToken(page.Names[^1].Name)));
            WriteNames(xml, query, page, withOwner: request.Parameter("fetch-owner") == "true");
        }));
    }

    public static int MaxOf(OssRequest request, string parameter, int fallback, int limit)
    {
        string? text = request.Parameter(parameter);
        if (string.IsNullOrEmpty(text)) return fallback;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= limit
            ? value
            : throw OssErrors.InvalidArgument($"{parameter} is 0 to {limit}.");
    }

    private ListedPage<ObjectRecord> Page(OssRequest request, ListingQuery query, string after) => catalog.Read(state =>
        Listing.Page(state.GetBucket(request.Bucket).Objects, query.Prefix, query.Delimiter, after, null, query.Max));

    private static void WriteHead(XmlWriter xml, OssRequest request, ListingQuery query, ListedPage<ObjectRecord> page)
    {
        xml.WriteElementString("Name", request.Bucket);
        xml.WriteElementString("Prefix", query.Encoded(query.Prefix));
        xml.WriteElementString("MaxKeys", query.Max.ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString("Delimiter", query.Encoded(query.Delimiter));
        if (query.UrlEncoded) xml.WriteElementString("EncodingType", "url");
        xml.WriteElementString("IsTruncated", page.Truncated ? "true" : "false");
    }

    private static void WriteNames(XmlWriter xml, ListingQuery query, ListedPage<ObjectRecord> page, bool withOwner)
    {
        foreach (ListedName<ObjectRecord> name in page.Names)
        {
            if (name.Value is not { } item) continue;
            xml.WriteStartElement("Contents");
            xml.WriteElementString("Key", query.Encoded(item.Key));
            xml.WriteElementString("LastModified", item.LastModified.ToIso());
            xml.WriteElementString("ETag", item.ETag.Quoted());
            xml.WriteElementString("Type", item.IsMultipart ? "Multipart" : "Normal");
            xml.WriteElementString("Size", item.Size.ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("StorageClass", item.Attributes.StorageClass);
            if (withOwner) OssXml.WriteOwner(xml);
            xml.WriteEndElement();
        }

        foreach (ListedName<ObjectRecord> name in page.Names.Where(n => n.Value is null))
        {
            xml.WriteStartElement("CommonPrefixes");
            xml.WriteElementString("Prefix", query.Encoded(name.Name));
            xml.WriteEndElement();
        }
    }

    /// <summary>Tokens look opaque, so that no client comes to rely on their being names.</summary>
    private static string EncodeToken(string name) => Convert.ToBase64String(Encoding.UTF8.GetBytes(name));

    private static string DecodeToken(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw OssErrors.InvalidArgument("The continuation token is not one of this server's.");
        }
    }
}

/// <summary>What all listings have in common.</summary>
internal sealed record ListingQuery(string Prefix, string Delimiter, int Max, bool UrlEncoded)
{
    public static ListingQuery Of(OssRequest request, int max)
    {
        bool encoded = request.Parameter("encoding-type") switch
        {
            null or "" => false,
            "url" => true,
            _ => throw OssErrors.InvalidArgument("encoding-type is url."),
        };
        return new ListingQuery(request.Parameter("prefix") ?? "", request.Parameter("delimiter") ?? "", max, encoded);
    }

    public string Encoded(string text) => UrlEncoded ? PercentEncoding.Encode(text) : text;
}
