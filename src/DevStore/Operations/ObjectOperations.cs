using System.Globalization;

namespace SyncAgent.DevStore;

internal sealed class ObjectOperations(Catalog catalog, DevStoreOptions options, CallbackSender callbacks)
{
    public async Task<OssResponse> PutAsync(OssRequest request)
    {
        AttributeReader.RefuseConditions(request);
        ObjectAttributes attributes = AttributeReader.Read(request);
        CallbackRequest? callback = CallbackRequest.Of(request);
        catalog.Read(state =>
        {
            // Once more inside the commit; here it only saves the client from sending the body in vain.
            AttributeReader.CheckOverwrite(state, request);
            return true;
        });
        using BlobWriter writer = catalog.Blobs.Create();
        BlobContent content = await request.Body.StoreAsync(writer, options.MaxPutBytes, request.Header("content-md5"));
        var item = new ObjectRecord
        {
            Bucket = request.Bucket,
            Key = request.Key,
            Slices = content.Slices,
            Size = content.Length,
            ETag = content.ETag,
            Crc = content.Crc,
            ContentMd5 = Convert.ToBase64String(content.Md5),
            LastModified = options.TimeProvider.GetUtcNow(),
            Attributes = attributes,
        };
        LogRecord.ObjectSet? made = await catalog.CommitAsync(state =>
        {
            AttributeReader.CheckOverwrite(state, request);
            return new LogRecord.ObjectSet(state.Stamp(item));
        });
        OssResponse stored = new OssResponse().WithStored(made!.Object).With("Content-MD5", item.ContentMd5);
        return await callbacks.FinishAsync(callback, item, "PutObject", stored);
    }

    public Task<OssResponse> GetAsync(OssRequest request)
    {
        ByteRange? range = null;
        string? versionId = null;
        (ObjectRecord item, SliceReader reader) = catalog.Open(state =>
        {
            (ObjectRecord found, versionId) = Named(state, request);
            OssErrors.ThrowIfArchived(found);
            range = ByteRange.Of(request, found.Size);
            return (found, range is { } part ? SliceReader.Cut(found.Slices, part.Start, part.Length) : found.Slices);
        });
        var response = new OssResponse { Status = range is null ? 200 : 206, Content = reader };
        Describe(response, item, versionId);
        if (range is { } sent)
            response.With("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {sent.Start}-{sent.Start + sent.Length - 1}/{item.Size}"));
        foreach ((string parameter, string value) in request.Query)
        {
            if (parameter.StartsWith("response-", StringComparison.Ordinal)) response.With(parameter["response-".Length..], value);
        }

        return Task.FromResult(response);
    }

    public Task<OssResponse> HeadAsync(OssRequest request)
    {
        (ObjectRecord item, string? versionId) = Find(request);
        var response = new OssResponse { DeclaredLength = item.Size };
        Describe(response, item, versionId);
        return Task.FromResult(response);
    }

    public Task<OssResponse> GetMetaAsync(OssRequest request)
    {
        (ObjectRecord item, string? versionId) = Find(request);
        return Task.FromResult(new OssResponse { DeclaredLength = request.Method == "HEAD" ? item.Size : null }
            .With("x-oss-version-id", versionId)
            .With("ETag", item.ETag.Quoted())
            .With("Last-Modified", item.LastModified.ToRfc1123())
            .WithCrc(item.Crc));
    }

    private (ObjectRecord Item, string? VersionId) Find(OssRequest request) => catalog.Read(state => Named(state, request));

    private static (ObjectRecord Item, string? VersionId) Named(CatalogState state, OssRequest request)
    {
        ObjectRecord item = state.GetObject(request.Bucket, request.Key, request.Parameter("versionId"));
        Conditions.Check(request, item);
        return (item, VersionIds.ForHeader(state.GetBucket(request.Bucket), item));
    }

    private static void Describe(OssResponse response, ObjectRecord item, string? versionId)
    {
        response
            .With("Content-Type", item.Attributes.ContentType)
            .With("ETag", item.ETag.Quoted())
            .With("Last-Modified", item.LastModified.ToRfc1123())
            .With("Accept-Ranges", "bytes")
            .With("Content-MD5", item.ContentMd5)
            .With("x-oss-object-type", item.IsMultipart ? "Multipart" : "Normal")
            .With("x-oss-version-id", versionId)
            .With("x-oss-storage-class", item.Attributes.StorageClass)
            .With("x-oss-restore", item.Attributes.IsRestored ? "ongoing-request=\"false\", expiry-date=\"Fri, 31 Dec 2099 00:00:00 GMT\"" : null)
            .With("x-oss-tagging-count", item.Attributes.Tags.Count > 0 ? $"{item.Attributes.Tags.Count}" : null)
            .WithCrc(item.Crc);
        foreach ((string name, string value) in item.Attributes.Headers) response.With(name, value);
    }
}
