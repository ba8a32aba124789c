using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace SyncAgent.DevStore;

internal sealed class MultipartOperations(Catalog catalog, DevStoreOptions options, CallbackSender callbacks)
{
    private const int MaxPartNumber = 10_000;

    public async Task<OssResponse> InitiateAsync(OssRequest request)
    {
        AttributeReader.RefuseConditions(request);
        var upload = new UploadRecord(
            RandomNumberGenerator.GetHexString(32), request.Bucket, request.Key, options.TimeProvider.GetUtcNow(), AttributeReader.Read(request));
        await catalog.CommitAsync(state =>
        {
            AttributeReader.CheckOverwrite(state, request);
            return new LogRecord.UploadStarted(upload);
        });
        ListingQuery encoding = ListingQuery.Of(request, 0);
        return OssResponse.Xml("InitiateMultipartUploadResult", xml =>
        {
            if (encoding.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            xml.WriteElementString("Bucket", request.Bucket);
            xml.WriteElementString("Key", encoding.Encoded(request.Key));
            xml.WriteElementString("UploadId", upload.Id);
        }, newUploadId: upload.Id).WithEncryption(upload.Attributes);
    }

    public async Task<OssResponse> UploadPartAsync(OssRequest request)
    {
        int number = PartNumberOf(request);
        string uploadId = request.UploadId!;
        catalog.Read(state => state.GetUpload(request.Bucket, request.Key, uploadId));
        using BlobWriter writer = catalog.Blobs.Create();
        BlobContent content = await request.Body.StoreAsync(writer, options.MaxPutBytes, request.Header("content-md5"));
        var part = new PartRecord(number, content.Slices, content.Length, content.ETag, content.Crc, options.TimeProvider.GetUtcNow());
        await catalog.CommitAsync(state =>
        {
            state.GetUpload(request.Bucket, request.Key, uploadId);
            return new LogRecord.PartSet(uploadId, part);
        });
        return new OssResponse()
            .With("ETag", part.ETag.Quoted())
            .With("Content-MD5", Convert.ToBase64String(content.Md5))
            .WithCrc(part.Crc);
    }

    public async Task<OssResponse> CompleteAsync(OssRequest request)
    {
        string uploadId = request.UploadId!;
        string? acl = AttributeReader.Acl(request);
        CallbackRequest? callback = CallbackRequest.Of(request);
        byte[] body = await request.Body.ReadAllAsync();
        bool all = request.Header("x-oss-complete-all") == "yes";
        if (all && body.Length > 0) throw OssErrors.InvalidArgument("With x-oss-complete-all the body is empty.");
        IReadOnlyList<(int Number, string ETag)>? wanted = all ? null : ParseParts(body);
        LogRecord.UploadCompleted? made = await catalog.CommitAsync(state =>
        {
            Upload upload = state.GetUpload(request.Bucket, request.Key, uploadId);
            List<PartRecord> parts = [.. wanted is null ? upload.Parts.Values : wanted.Select(w => FindPart(upload, w))];
            CheckSizes(parts);
            AttributeReader.CheckOverwrite(state, request);
            return new LogRecord.UploadCompleted(uploadId, state.Stamp(Assemble(upload.Record, parts, acl)));
        });
        ObjectRecord item = made!.Object;
        ListingQuery encoding = ListingQuery.Of(request, 0);
        OssResponse stored = OssResponse.Xml("CompleteMultipartUploadResult", xml =>
        {
            if (encoding.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            xml.WriteElementString("Location", $"http://{item.Bucket}.oss-{options.Region}.aliyuncs.com/{PercentEncoding.Encode(item.Key, keepSlash: true)}");
            xml.WriteElementString("Bucket", item.Bucket);
            xml.WriteElementString("Key", encoding.Encoded(item.Key));
            xml.WriteElementString("ETag", item.ETag.Quoted());
        }).WithStored(item);
        return await callbacks.FinishAsync(callback, item, "CompleteMultipartUpload", stored);
    }

    public async Task<OssResponse> AbortAsync(OssRequest request)
    {
        await catalog.CommitAsync(state =>
            new LogRecord.UploadDropped(state.GetUpload(request.Bucket, request.Key, request.UploadId!).Record.Id));
        return new OssResponse { Status = 204 };
    }

    public static int PartNumberOf(OssRequest request) => request.PartNumber is { } number and >= 1 and <= MaxPartNumber
        ? number
        : throw OssErrors.InvalidArgument($"partNumber is 1 to {MaxPartNumber}.");

    /// <summary>Only lists blobs: completing a terabyte is as quick as completing a megabyte.</summary>
    private ObjectRecord Assemble(UploadRecord upload, List<PartRecord> parts, string? acl)
    {
        ulong? crc = 0;
        foreach (PartRecord part in parts) crc = crc is { } before && part.Crc is { } next ? Crc64.Combine(before, next, part.Size) : null;
        byte[] tags = [.. parts.SelectMany(p => Convert.FromHexString(p.ETag))];
        return new ObjectRecord
        {
            Bucket = upload.Bucket,
            Key = upload.Key,
            Slices = [.. parts.SelectMany(p => p.Slices)],
            Size = parts.Sum(p => p.Size),
            ETag = string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(MD5.HashData(tags))}-{parts.Count}"),
            Crc = crc,
            LastModified = options.TimeProvider.GetUtcNow(),
            Attributes = acl is null ? upload.Attributes : upload.Attributes with { Acl = acl },
            IsMultipart = true,
        };
    }

    private void CheckSizes(List<PartRecord> parts)
    {
        if (parts.Count == 0) throw OssErrors.InvalidArgument("There is no part to complete with.");
        foreach (PartRecord part in parts.SkipLast(1))
        {
            if (part.Size >= options.MinPartBytes) continue;
            throw new OssException(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.")
            {
                Details = [("ProposedSize", $"{part.Size}"), ("MinSizeAllowed", $"{options.MinPartBytes}"), ("PartNumber", $"{part.Number}"), ("ETag", part.ETag)],
            };
        }
    }

    private static PartRecord FindPart(Upload upload, (int Number, string ETag) wanted) =>
        upload.Parts.TryGetValue(wanted.Number, out PartRecord? part) && part.ETag.Equals(wanted.ETag, StringComparison.OrdinalIgnoreCase)
            ? part
            : throw OssErrors.InvalidPart(wanted.Number);

    private static List<(int Number, string ETag)> ParseParts(byte[] body)
    {
        XElement document = RequestBody.ParseXml(body);
        var parts = new List<(int Number, string ETag)>();
        foreach (XElement part in document.Elements("Part"))
        {
            if (!int.TryParse(part.Element("PartNumber")?.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                || part.Element("ETag")?.Value.Trim().Trim('"') is not { Length: > 0 } etag)
                throw OssErrors.MalformedXml("A Part has a PartNumber and an ETag.");
            if (parts.Count > 0 && parts[^1].Number >= number)
                throw new OssException(400, "InvalidPartOrder", "The list of parts was not in ascending order.");
            parts.Add((number, etag));
        }

        return parts.Count is > 0 and <= MaxPartNumber ? parts : throw OssErrors.MalformedXml($"1 to {MaxPartNumber} parts.");
    }
}
