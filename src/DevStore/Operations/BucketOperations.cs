using System.Globalization;

namespace SyncAgent.DevStore;

internal sealed class BucketOperations(Catalog catalog, DevStoreOptions options)
{
    private const int DefaultBuckets = 100;
    private const int MaxBuckets = 1000;
    private static readonly string[] Acls = ["private", "public-read", "public-read-write"];

    private string Location => $"oss-{options.Region}";

    public Task<OssResponse> ListBucketsAsync(OssRequest request)
    {
        string prefix = request.Parameter("prefix") ?? "";
        string marker = request.Parameter("marker") ?? "";
        int max = ListOperations.MaxOf(request, "max-keys", DefaultBuckets, MaxBuckets);
        List<BucketRecord> found = catalog.Read(state => state.Buckets.Select(b => b.Record)
            .Where(b => b.Name.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(b.Name, marker) > 0)
            .Take(max + 1).ToList());
        bool truncated = found.Count > max;
        if (truncated) found.RemoveAt(max);
        return Task.FromResult(OssResponse.Xml("ListAllMyBucketsResult", xml =>
        {
            xml.WriteElementString("Prefix", prefix);
            xml.WriteElementString("Marker", marker);
            xml.WriteElementString("MaxKeys", max.ToString(CultureInfo.InvariantCulture));
            xml.WriteElementString("IsTruncated", truncated ? "true" : "false");
            if (truncated && max > 0) xml.WriteElementString("NextMarker", found[^1].Name);
            OssXml.WriteOwner(xml);
            xml.WriteStartElement("Buckets");
            foreach (BucketRecord bucket in found)
            {
                xml.WriteStartElement("Bucket");
                WriteBucket(xml, bucket);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }));
    }

    public async Task<OssResponse> PutAsync(OssRequest request)
    {
        byte[] body = await request.Body.ReadAllAsync();
        string storageClass = body.Length == 0 ? "Standard" : RequestBody.ParseXml(body).Element("StorageClass")?.Value ?? "Standard";
        string acl = AclOf(request) ?? "private";
        DateTimeOffset now = options.TimeProvider.GetUtcNow();
        await catalog.CommitAsync(state =>
            new LogRecord.BucketSet(state.FindBucket(request.Bucket) is { } known
                ? known.Record with { Acl = acl }
                : new BucketRecord(request.Bucket, now, acl, storageClass)));
        return new OssResponse().With("Location", $"/{request.Bucket}");
    }

    public Task<OssResponse> HeadAsync(OssRequest request)
    {
        BucketRecord bucket = Find(request);
        return Task.FromResult(new OssResponse().With("x-oss-bucket-region", Location).With("x-oss-storage-class", bucket.StorageClass));
    }

    public Task<OssResponse> GetInfoAsync(OssRequest request)
    {
        BucketRecord bucket = Find(request);
        return Task.FromResult(OssResponse.Xml("BucketInfo", xml =>
        {
            xml.WriteStartElement("Bucket");
            WriteBucket(xml, bucket);
            xml.WriteElementString("DataRedundancyType", "LRS");
            if (bucket.Versioning is not null) xml.WriteElementString("Versioning", bucket.Versioning);
            OssXml.WriteOwner(xml);
            OssXml.WriteGrant(xml, bucket.Acl);
            xml.WriteEndElement();
        }));
    }

    public Task<OssResponse> GetLocationAsync(OssRequest request)
    {
        _ = Find(request);
        return Task.FromResult(OssResponse.Xml("LocationConstraint", xml => xml.WriteString(Location)));
    }

    public Task<OssResponse> GetAclAsync(OssRequest request) => Task.FromResult(OssXml.AccessControlPolicy(Find(request).Acl));

    public async Task<OssResponse> PutAclAsync(OssRequest request)
    {
        string acl = AclOf(request) ?? throw OssErrors.MissingArgument("x-oss-acl");
        await catalog.CommitAsync(state => new LogRecord.BucketSet(state.GetBucket(request.Bucket).Record with { Acl = acl }));
        return new OssResponse();
    }

    public async Task<OssResponse> DeleteAsync(OssRequest request)
    {
        await catalog.CommitAsync(state =>
        {
            Bucket bucket = state.GetBucket(request.Bucket);
            if (bucket.Objects.Count + bucket.Hidden.Count + bucket.Uploads.Count > 0)
                throw new OssException(409, "BucketNotEmpty", "The bucket still has objects, versions or unfinished multipart uploads.");
            return new LogRecord.BucketDropped(request.Bucket);
        });
        return new OssResponse { Status = 204 };
    }

    private BucketRecord Find(OssRequest request) => catalog.Read(state => state.GetBucket(request.Bucket).Record);

    private static string? AclOf(OssRequest request) => request.Header("x-oss-acl") switch
    {
        null => null,
        var acl when Acls.Contains(acl) => acl,
        _ => throw OssErrors.InvalidArgument($"x-oss-acl is one of {string.Join(", ", Acls)}."),
    };

    private void WriteBucket(System.Xml.XmlWriter xml, BucketRecord bucket)
    {
        xml.WriteElementString("Name", bucket.Name);
        xml.WriteElementString("Location", Location);
        xml.WriteElementString("Region", options.Region);
        xml.WriteElementString("CreationDate", bucket.Created.ToIso());
        xml.WriteElementString("ExtranetEndpoint", $"{Location}.aliyuncs.com");
        xml.WriteElementString("IntranetEndpoint", $"{Location}-internal.aliyuncs.com");
        xml.WriteElementString("StorageClass", bucket.StorageClass);
    }
}
