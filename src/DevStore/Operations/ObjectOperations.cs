using System.Globalization;
using System.Security.Cryptography;
using System.Xml.Linq;

namespace SyncAgent.DevStore;

internal sealed class ObjectOperations(Catalog catalog, DevStoreOptions options)
{
    private const int MaxDeletes = 1000;

    public async Task<OssResponse> PutAsync(OssRequest request)
    {
        AttributeReader.RefuseConditions(request);
        ObjectAttributes attributes = AttributeReader.Read(request);
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
        await catalog.CommitAsync(state =>
        {
            AttributeReader.CheckOverwrite(state, request);
            return new LogRecord.ObjectSet(item);
        });
        return new OssResponse().With("ETag", item.ETag.Quoted()).With("Content-MD5", item.ContentMd5).WithCrc(item.Crc);
    }

    public Task<OssResponse> GetAsync(OssRequest request)
    {
        ByteRange? range = null;
        (ObjectRecord item, SliceReader reader) = catalog.Open(state =>
        {
            ObjectRecord found = state.GetObject(request.Bucket, request.Key);
            Conditions.Check(request, found);
            range = ByteRange.Of(request, found.Size);
            return (found, range is { } part ? SliceReader.Cut(found.Slices, part.Start, part.Length) : found.Slices);
        });
        var response = new OssResponse { Status = range is null ? 200 : 206, Content = reader };
        Describe(response, item);
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
        ObjectRecord item = Find(request);
        var response = new OssResponse { DeclaredLength = item.Size };
        Describe(response, item);
        return Task.FromResult(response);
    }

    public Task<OssResponse> GetMetaAsync(OssRequest request)
    {
        ObjectRecord item = Find(request);
        return Task.FromResult(new OssResponse { DeclaredLength = request.Method == "HEAD" ? item.Size : null }
            .With("ETag", item.ETag.Quoted())
            .With("Last-Modified", item.LastModified.ToRfc1123())
            .WithCrc(item.Crc));
    }

    public async Task<OssResponse> DeleteAsync(OssRequest request)
    {
        await DropAsync(request.Bucket, request.Key);
        return new OssResponse { Status = 204 };
    }

    public async Task<OssResponse> DeleteManyAsync(OssRequest request)
    {
        string md5 = request.Header("content-md5") ?? throw OssErrors.MissingArgument("Content-MD5");
        byte[] body = await request.Body.ReadAllAsync();
        if (md5 != Convert.ToBase64String(MD5.HashData(body))) throw OssErrors.InvalidDigest();
        XElement document = RequestBody.ParseXml(body);
        List<string> keys = [.. document.Elements("Object").Select(o => o.Element("Key")?.Value ?? "")];
        if (keys.Count is 0 or > MaxDeletes) throw OssErrors.MalformedXml($"1 to {MaxDeletes} objects.");
        keys.ForEach(RequestParser.CheckKey);
        // Together: the commits share their fsync.
        await Task.WhenAll(keys.Select(key => DropAsync(request.Bucket, key)));
        if (document.Element("Quiet")?.Value.Trim() == "true") return OssResponse.Xml("DeleteResult", _ => { });
        ListingQuery encoding = ListingQuery.Of(request, 0);
        return OssResponse.Xml("DeleteResult", xml =>
        {
            if (encoding.UrlEncoded) xml.WriteElementString("EncodingType", "url");
            foreach (string key in keys)
            {
                xml.WriteStartElement("Deleted");
                xml.WriteElementString("Key", encoding.Encoded(key));
                xml.WriteEndElement();
            }
        });
    }

    /// <summary>Deleting what is not there succeeds, as in OSS.</summary>
    private async Task DropAsync(string bucket, string key) => await catalog.CommitAsync(state =>
        state.GetBucket(bucket).Objects.Find(key) is null ? null : new LogRecord.ObjectDropped(bucket, key));

    private ObjectRecord Find(OssRequest request) => catalog.Read(state =>
    {
        ObjectRecord item = state.GetObject(request.Bucket, request.Key);
        Conditions.Check(request, item);
        return item;
    });

    private static void Describe(OssResponse response, ObjectRecord item)
    {
        response
            .With("Content-Type", item.Attributes.ContentType)
            .With("ETag", item.ETag.Quoted())
            .With("Last-Modified", item.LastModified.ToRfc1123())
            .With("Accept-Ranges", "bytes")
            .With("Content-MD5", item.ContentMd5)
            .With("x-oss-object-type", item.IsMultipart ? "Multipart" : "Normal")
            .With("x-oss-storage-class", item.Attributes.StorageClass)
            .With("x-oss-tagging-count", item.Attributes.Tags.Count > 0 ? $"{item.Attributes.Tags.Count}" : null)
            .WithCrc(item.Crc);
        foreach ((string name, string value) in item.Attributes.Headers) response.With(name, value);
    }
}
