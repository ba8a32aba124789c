using System.Xml;

namespace SyncAgent.Store;

internal static partial class OssXml
{
    /// <summary>Answer to ListObjectsV2.</summary>
    public static ListPage ReadObjects(XmlReader reader)
    {
        var objects = new List<ListedObject>();
        var prefixes = new List<string>();
        string? next = null;
        bool truncated = false, encoded = false;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Contents": objects.Add(ReadObject(reader)); break;
                case "CommonPrefixes":
                    foreach (var child in Children(reader))
                    {
                        if (child == "Prefix") prefixes.Add(Text(reader));
                        else XmlGuard.Skip(reader);
                    }

                    break;
                case "NextContinuationToken": next = Text(reader); break;
                case "IsTruncated": truncated = Flag(reader); break;
                case "EncodingType": encoded = Text(reader) == "url"; break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        // A page that says "more" without saying where would be taken for the last: a listing must never end early unnoticed.
        if (truncated && string.IsNullOrEmpty(next)) throw new XmlException("A truncated listing without NextContinuationToken.");
        if (encoded)
        {
            objects = objects.ConvertAll(o => o with { Key = Decode(o.Key, encoded) });
            prefixes = prefixes.ConvertAll(p => Decode(p, encoded));
        }

        return new ListPage(objects, prefixes, truncated ? Decode(next!, encoded) : null);
    }

    /// <summary>Answer to ListParts.</summary>
    public static PartsPage ReadParts(XmlReader reader)
    {
        var parts = new List<ListedPart>();
        int? next = null;
        var truncated = false;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Part": parts.Add(ReadPart(reader)); break;
                // Empty where there are no parts.
                case "NextPartNumberMarker": next = int.TryParse(Text(reader), out var marker) ? marker : null; break;
                case "IsTruncated": truncated = Flag(reader); break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        if (truncated && next is null) throw new XmlException("A truncated list of parts without NextPartNumberMarker.");
        return new PartsPage(parts, truncated ? next : null);
    }

    /// <summary>Answer to ListMultipartUploads.</summary>
    public static UploadsPage ReadUploads(XmlReader reader)
    {
        var uploads = new List<ListedUpload>();
        string? nextKey = null, nextId = null;
        bool truncated = false, encoded = false;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Upload": uploads.Add(ReadUpload(reader)); break;
                case "NextKeyMarker": nextKey = Text(reader); break;
                case "NextUploadIdMarker": nextId = Text(reader); break;
                case "IsTruncated": truncated = Flag(reader); break;
                case "EncodingType": encoded = Text(reader) == "url"; break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        if (truncated && string.IsNullOrEmpty(nextKey)) throw new XmlException("A truncated list of uploads without NextKeyMarker.");
        if (encoded) uploads = uploads.ConvertAll(u => u with { Key = Decode(u.Key, encoded) });
        return new UploadsPage(uploads, truncated ? Decode(nextKey!, encoded) : null, truncated ? nextId : null);
    }

    /// <summary>Answer to DeleteMultipleObjects: keys with their errors, null for those that are gone.</summary>
    public static Dictionary<string, OssErrorDocument?> ReadDeleted(XmlReader reader)
    {
        var results = new List<(string Key, OssErrorDocument? Error)>();
        var encoded = false;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Deleted": results.Add((ReadKeyed(reader).Key, null)); break;
                case "Error": results.Add(ReadKeyed(reader)); break;
                case "EncodingType": encoded = Text(reader) == "url"; break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        return results.ToDictionary(result => Decode(result.Key, encoded), result => result.Error, StringComparer.Ordinal);
    }

    /// <summary>Answer to InitiateMultipartUpload: the upload id.</summary>
    public static string ReadUploadId(XmlReader reader) => Required(reader, "UploadId");

    /// <summary>Answer to CopyObject, UploadPartCopy and CompleteMultipartUpload: the ETag.</summary>
    public static string ReadResultETag(XmlReader reader) => Required(reader, "ETag").Trim('"');

    private static string Required(XmlReader reader, string wanted)
    {
        string? value = null;
        foreach (var name in Children(reader))
        {
            if (name == wanted) value = Text(reader);
            else XmlGuard.Skip(reader);
        }

        return value is { Length: > 0 } ? value : throw new XmlException($"The answer has no {wanted}.");
    }

    private static ListedObject ReadObject(XmlReader reader)
    {
        string? key = null, storageClass = null;
        var etag = "";
        long size = 0;
        var modified = DateTimeOffset.UnixEpoch;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Key": key = Text(reader); break;
                case "Size": size = Number(reader); break;
                case "ETag": etag = ETag(reader); break;
                case "LastModified": modified = Time(reader); break;
                case "StorageClass": storageClass = Text(reader); break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        return new ListedObject(key ?? throw new XmlException("A listed object has no key."), size, etag, modified, storageClass);
    }

    private static (string Key, OssErrorDocument Error) ReadKeyed(XmlReader reader)
    {
        string? key = null;
        string code = "", message = "";
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Key": key = Text(reader); break;
                case "Code": code = Text(reader); break;
                case "Message": message = Text(reader); break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        return (key ?? throw new XmlException("A deleted object has no key."), new OssErrorDocument(code, message, null, null, null));
    }

    private static ListedPart ReadPart(XmlReader reader)
    {
        long number = 0, size = 0;
        var etag = "";
        ulong? crc = null;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "PartNumber": number = Number(reader); break;
                case "Size": size = Number(reader); break;
                case "ETag": etag = ETag(reader); break;
                case "HashCrc64ecma": crc = OssHeaders.ParseCrc64(Text(reader)); break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        return new ListedPart(checked((int)number), size, etag, crc);
    }

    private static ListedUpload ReadUpload(XmlReader reader)
    {
        string? key = null, id = null;
        var initiated = DateTimeOffset.UnixEpoch;
        foreach (var name in Children(reader))
        {
            switch (name)
            {
                case "Key": key = Text(reader); break;
                case "UploadId": id = Text(reader); break;
                case "Initiated": initiated = Time(reader); break;
                default: XmlGuard.Skip(reader); break;
            }
        }

        return key is null || id is null
            ? throw new XmlException("A listed upload has no key or no id.")
            : new ListedUpload(key, id, initiated);
    }
}
