using System.Globalization;

namespace SyncAgent.DevStore;

internal sealed class MultipartListOperations(Catalog catalog)
{
    private const int MaxPage = 1000;

    public Task<OssResponse> ListPartsAsync(OssRequest request)
    {
        int max = ListOperations.MaxOf(request, "max-parts", MaxPage, MaxPage);
        int marker = ListOperations.MaxOf(request, "part-number-marker", 0, int.MaxValue);
        ListingQuery encoding = ListingQuery.Of(request, max);
        (UploadRecord upload, List<PartRecord> parts) = catalog.Read(state =>
        {
            Upload found = state.GetUpload(request.Bucket, request.Key, request.UploadId!);
            return (found.Record, found.Parts.Values.Where(p => p.Number > marker).Take(max + 1).ToList());
        });
        bool truncated = parts.Count > max && max > 0;
        if (parts.Count > max) parts.RemoveAt(max);
        return Task.FromResult(OssResponse.Xml("ListPartsResult", xml =>
        {
            if (encoding.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            xml.WriteElementString("Bucket", upload.Bucket);
            xml.WriteElementString("Key", encoding.Encoded(upload.Key));
            xml.WriteElementString("UploadId", upload.Id);
            xml.WriteElementString("StorageClass", upload.Attributes.StorageClass);
            xml.WriteElementString("PartNumberMarker", Text(marker));
            xml.WriteElementString("NextPartNumberMarker", Text(parts.Count > 0 ? parts[^1].Number : marker));
            xml.WriteElementString("MaxParts", Text(max));
            xml.WriteElementString("IsTruncated", truncated ? "true" : "false");
            foreach (PartRecord part in parts)
            {
                xml.WriteStartElement("Part");
                xml.WriteElementString("PartNumber", Text(part.Number));
                xml.WriteElementString("LastModified", part.LastModified.ToIso());
                xml.WriteElementString("ETag", part.ETag.Quoted());
                if (part.Crc is { } crc) xml.WriteElementString("HashCrc64ecma", crc.ToString(CultureInfo.InvariantCulture));
                xml.WriteElementString("Size", part.Size.ToString(CultureInfo.InvariantCulture));
                xml.WriteEndElement();
            }
        }));
    }

    public Task<OssResponse> ListUploadsAsync(OssRequest request)
    {
        int max = ListOperations.MaxOf(request, "max-uploads", MaxPage, MaxPage);
        ListingQuery query = ListingQuery.Of(request, max);
        string keyMarker = request.Parameter("key-marker") ?? "";
        // Without a key marker the id marker means nothing.
        string? idMarker = keyMarker.Length > 0 && request.Parameter("upload-id-marker") is { Length: > 0 } id ? id : null;
        ListedPage<Upload> page = catalog.Read(state =>
            Listing.Page(state.GetBucket(request.Bucket).Uploads, query.Prefix, query.Delimiter, keyMarker, idMarker, max));
        return Task.FromResult(OssResponse.Xml("ListMultipartUploadsResult", xml =>
        {
            xml.WriteElementString("Bucket", request.Bucket);
            if (query.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            xml.WriteElementString("KeyMarker", query.Encoded(keyMarker));
            xml.WriteElementString("UploadIdMarker", idMarker ?? "");
            xml.WriteElementString("NextKeyMarker", page.Truncated ? query.Encoded(page.Names[^1].Name) : "");
            xml.WriteElementString("NextUploadIdMarker", page.Truncated ? page.Names[^1].Sub : "");
            xml.WriteElementString("Delimiter", query.Encoded(query.Delimiter));
            xml.WriteElementString("Prefix", query.Encoded(query.Prefix));
            xml.WriteElementString("MaxUploads", Text(max));
            xml.WriteElementString("IsTruncated", page.Truncated ? "true" : "false");
            foreach (UploadRecord upload in page.Names.Where(n => n.Value is not null).Select(n => n.Value!.Record))
            {
                xml.WriteStartElement("Upload");
                xml.WriteElementString("Key", query.Encoded(upload.Key));
                xml.WriteElementString("UploadId", upload.Id);
                xml.WriteElementString("Initiated", upload.Initiated.ToIso());
                xml.WriteElementString("StorageClass", upload.Attributes.StorageClass);
                xml.WriteEndElement();
            }

            foreach (ListedName<Upload> name in page.Names.Where(n => n.Value is null))
            {
                xml.WriteStartElement("CommonPrefixes");
                xml.WriteElementString("Prefix", query.Encoded(name.Name));
                xml.WriteEndElement();
            }
        }));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
