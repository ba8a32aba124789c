using System.Globalization;
using System.Xml;

namespace SyncAgent.DevStore;

/// <summary>Versioning of buckets, and the list of all versions.</summary>
internal sealed class VersionOperations(Catalog catalog)
{
    private const int DefaultKeys = 100;
    private const int MaxKeys = 1000;

    public Task<OssResponse> GetVersioningAsync(OssRequest request)
    {
        string? status = catalog.Read(state => state.GetBucket(request.Bucket).Record.Versioning);
        // The answer of a bucket where it was never switched on is empty.
        return Task.FromResult(OssResponse.Xml("VersioningConfiguration", xml =>
        {
            if (status is not null) xml.WriteElementString("Status", status);
        }));
    }

    public async Task<OssResponse> PutVersioningAsync(OssRequest request)
    {
        string? status = RequestBody.ParseXml(await request.Body.ReadAllAsync()).Element("Status")?.Value.Trim();
        if (status is not (BucketRecord.VersioningEnabled or BucketRecord.VersioningSuspended))
            throw OssErrors.MalformedXml($"Status is {BucketRecord.VersioningEnabled} or {BucketRecord.VersioningSuspended}.");
        await catalog.CommitAsync(state => new LogRecord.BucketSet(state.GetBucket(request.Bucket).Record with { Versioning = status }));
        return new OssResponse();
    }

    public Task<OssResponse> ListAsync(OssRequest request)
    {
        string keyMarker = request.Parameter("key-marker") ?? "";
        string idMarker = keyMarker.Length > 0 ? request.Parameter("version-id-marker") ?? "" : "";
        ListingQuery query = ListingQuery.Of(request, ListOperations.MaxOf(request, "max-keys", DefaultKeys, MaxKeys));
        (ListedPage<ObjectRecord> page, HashSet<ObjectRecord> latest) = catalog.Read(state => Page(state.GetBucket(request.Bucket), query, keyMarker, idMarker));
        return Task.FromResult(OssResponse.Xml("ListVersionsResult", xml =>
        {
            xml.WriteElementString("Name", request.Bucket);
            xml.WriteElementString("Prefix", query.Encoded(query.Prefix));
            xml.WriteElementString("KeyMarker", query.Encoded(keyMarker));
            xml.WriteElementString("VersionIdMarker", idMarker);
            xml.WriteElementString("MaxKeys", query.Max.ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("Delimiter", query.Encoded(query.Delimiter));
            if (query.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            xml.WriteElementString("IsTruncated", page.Truncated ? "true" : "false");
            if (page.Truncated)
            {
                xml.WriteElementString("NextKeyMarker", query.Encoded(page.Names[^1].Name));
                if (page.Names[^1].Value is { } last) xml.WriteElementString("NextVersionIdMarker", VersionIds.Show(last.VersionId));
            }

            foreach (ListedName<ObjectRecord> name in page.Names)
            {
                if (name.Value is { } item) WriteVersion(xml, query, item, latest.Contains(item));
            }

            foreach (ListedName<ObjectRecord> name in page.Names.Where(n => n.Value is null))
            {
                xml.WriteStartElement("CommonPrefixes");
                xml.WriteElementString("Prefix", query.Encoded(name.Name));
                xml.WriteEndElement();
            }
        }));
    }

    private static (ListedPage<ObjectRecord> Page, HashSet<ObjectRecord> Latest) Page(Bucket bucket, ListingQuery query, string keyMarker, string idMarker)
    {
        var all = new KeyIndex<ObjectRecord>();
        foreach (ObjectRecord item in bucket.Objects.Values.Concat(bucket.Hidden.Values))
        {
            if (item.Key.StartsWith(query.Prefix, StringComparison.Ordinal)) all.Set(item.Key, Bucket.Position(item), item);
        }

        string? position = bucket.VersionsOf(keyMarker).FirstOrDefault(v => VersionIds.Show(v.VersionId) == idMarker) is { } marker ? Bucket.Position(marker) : null;
        ListedPage<ObjectRecord> page = Listing.Page(all, query.Prefix, query.Delimiter, keyMarker, position, query.Max);
        var latest = new HashSet<ObjectRecord>(
            page.Names.Where(n => n.Value is not null).Select(n => bucket.VersionsOf(n.Name).First()), ReferenceEqualityComparer.Instance);
        return (page, latest);
    }

    private static void WriteVersion(XmlWriter xml, ListingQuery query, ObjectRecord item, bool isLatest)
    {
        xml.WriteStartElement(item.IsDeleteMarker ? "DeleteMarker" : "Version");
        xml.WriteElementString("Key", query.Encoded(item.Key));
        xml.WriteElementString("VersionId", VersionIds.Show(item.VersionId));
        xml.WriteElementString("IsLatest", isLatest ? "true" : "false");
        xml.WriteElementString("LastModified", item.LastModified.ToIso());
        if (!item.IsDeleteMarker)
        {
            xml.WriteElementString("ETag", item.ETag.Quoted());
            xml.WriteElementString("Type", item.IsMultipart ? "Multipart" : "Normal");
            xml.WriteElementString("Size", item.Size.ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("StorageClass", item.Attributes.StorageClass);
        }

        OssXml.WriteOwner(xml);
        xml.WriteEndElement();
    }
}
