namespace SyncAgent.DevStore;

/// <summary>Copies share the source's blobs, so they cost no bytes, whatever the size.</summary>
internal sealed class CopyOperations(Catalog catalog, DevStoreOptions options)
{
    private const string SourceConditions = "x-oss-copy-source-if-";

    public async Task<OssResponse> CopyObjectAsync(OssRequest request)
    {
        AttributeReader.RefuseConditions(request);
        (string bucket, string key, string? version) = SourceOf(request);
        ObjectAttributes given = AttributeReader.Read(request);
        bool replace = Directive(request, "x-oss-metadata-directive") == "REPLACE";
        bool replaceTags = Directive(request, "x-oss-tagging-directive") == "REPLACE";
        string? sourceVersion = null;
        LogRecord.ObjectSet? made = await catalog.CommitAsync(state =>
        {
            ObjectRecord source = state.GetObject(bucket, key, version);
            sourceVersion = VersionIds.ForHeader(state.GetBucket(bucket), source);
            Conditions.Check(request, source, SourceConditions);
            OssErrors.ThrowIfArchived(source);
            if (source.Size > options.MaxCopyBytes) throw OssErrors.EntityTooLarge(source.Size, options.MaxCopyBytes);
            AttributeReader.CheckOverwrite(state, request);
            return new LogRecord.ObjectSet(state.Stamp(source with
            {
                Bucket = request.Bucket,
                Key = request.Key,
                LastModified = options.TimeProvider.GetUtcNow(),
                Crc = options.CrcOnCopies ? source.Crc : null,
                Attributes = (replace ? given : source.Attributes) with
                {
                    Headers = replace ? given.Headers : WithEncryptionOf(given, source.Attributes.Headers),
                    Acl = given.Acl,
                    StorageClass = given.StorageClass,
                    IsRestored = false,
                    Tags = replaceTags ? given.Tags : source.Attributes.Tags,
                },
            }));
        });
        ObjectRecord item = made!.Object;
        return CopyResult("CopyObjectResult", item.ETag, item.LastModified).WithStored(item).With("x-oss-copy-source-version-id", sourceVersion);
    }

    public async Task<OssResponse> UploadPartCopyAsync(OssRequest request)
    {
        int number = MultipartOperations.PartNumberOf(request);
        string uploadId = request.UploadId!;
        (string bucket, string key, string? version) = SourceOf(request);
        catalog.Read(state => state.GetUpload(request.Bucket, request.Key, uploadId));
        (_, SliceReader reader) = catalog.Open(state =>
        {
            ObjectRecord source = state.GetObject(bucket, key, version);
            Conditions.Check(request, source, SourceConditions);
            OssErrors.ThrowIfArchived(source);
            ByteRange range = request.Header("x-oss-copy-source-range") is { } header
                ? ByteRange.OfCopySource(header, source.Size)
                : new ByteRange(0, source.Size);
            if (range.Length > options.MaxPutBytes) throw OssErrors.EntityTooLarge(range.Length, options.MaxPutBytes);
            return (source, SliceReader.Cut(source.Slices, range.Start, range.Length));
        });
        using (reader)
        {
            BlobContent content = reader.Digest();
            ulong? crc = options.CrcOnCopies ? content.Crc : null;
            var part = new PartRecord(number, content.Slices, content.Length, content.ETag, crc, options.TimeProvider.GetUtcNow());
            await catalog.CommitAsync(state =>
            {
                state.GetUpload(request.Bucket, request.Key, uploadId);
                return new LogRecord.PartSet(uploadId, part);
            });
            return CopyResult("CopyPartResult", part.ETag, part.LastModified).WithCrc(part.Crc);
        }
    }

    private static OssResponse CopyResult(string root, string etag, DateTimeOffset lastModified) => OssResponse.Xml(root, xml =>
    {
        xml.WriteElementString("ETag", etag.Quoted());
        xml.WriteElementString("LastModified", lastModified.ToIso());
    }).With("ETag", etag.Quoted());

    /// <summary>How the copy is encrypted, its own request decides, also where the rest is the source's.</summary>
    private static Dictionary<string, string> WithEncryptionOf(ObjectAttributes given, IReadOnlyDictionary<string, string> headers) => headers
        .Where(h => !AttributeReader.EncryptionHeaders.Contains(h.Key))
        .Concat(given.Headers.Where(h => AttributeReader.EncryptionHeaders.Contains(h.Key)))
        .ToDictionary();

    private static (string Bucket, string Key, string? VersionId) SourceOf(OssRequest request)
    {
        const string versionMark = "?versionId=";
        try
        {
            string raw = request.Header("x-oss-copy-source")!;
            int mark = raw.LastIndexOf(versionMark, StringComparison.Ordinal);
            string? version = mark < 0 ? null : PercentEncoding.Decode(raw[(mark + versionMark.Length)..]);
            string source = PercentEncoding.Decode(mark < 0 ? raw : raw[..mark]).TrimStart('/');
            int slash = source.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0) throw OssErrors.InvalidArgument("x-oss-copy-source is /bucket/key, URL-encoded.");
            string key = source[(slash + 1)..];
            RequestParser.CheckKey(key);
            return (source[..slash], key, version);
        }
        catch (FormatException)
        {
            throw OssErrors.InvalidArgument("x-oss-copy-source is /bucket/key, URL-encoded.");
        }
    }

    private static string Directive(OssRequest request, string header) => request.Header(header)?.ToUpperInvariant() switch
    {
        null or "COPY" => "COPY",
        "REPLACE" => "REPLACE",
        _ => throw OssErrors.InvalidArgument($"{header} is COPY or REPLACE."),
    };
}
