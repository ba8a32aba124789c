namespace SyncAgent.DevStore;

/// <summary>An operation under its name in the OSS documentation.</summary>
internal sealed record Operation(string Name, Func<OssRequest, Task<OssResponse>> RunAsync);

/// <summary>Tells from method, level (service, bucket, object) and parameters what is asked for.</summary>
internal sealed class Router(
    BucketOperations buckets, VersionOperations versions, ListOperations lists, ObjectOperations objects, DeleteOperations deletes,
    AttributeOperations attributes, CopyOperations copies, MultipartOperations multipart, MultipartListOperations multipartLists)
{
    public Operation Route(OssRequest request)
    {
        if (request.BucketName is null) return OfService(request);
        return request.ObjectKey is null ? OfBucket(request) : OfObject(request);
    }

    private Operation OfService(OssRequest request) => request.Method switch
    {
        "GET" => new("ListBuckets", buckets.ListBucketsAsync),
        _ => Unknown(request),
    };

    private Operation OfBucket(OssRequest request) => request.Method switch
    {
        "GET" when request.Has("bucketInfo") => new("GetBucketInfo", buckets.GetInfoAsync),
        "GET" when request.Has("location") => new("GetBucketLocation", buckets.GetLocationAsync),
        "GET" when request.Has("acl") => new("GetBucketAcl", buckets.GetAclAsync),
        "GET" when request.Has("versioning") => new("GetBucketVersioning", versions.GetVersioningAsync),
        "GET" when request.Has("versions") => new("ListObjectVersions", versions.ListAsync),
        "GET" when request.Has("uploads") => new("ListMultipartUploads", multipartLists.ListUploadsAsync),
        "GET" when request.Parameter("list-type") == "2" => new("ListObjectsV2", lists.ListV2Async),
        "GET" when IsPlainListing(request) => new("ListObjects", lists.ListV1Async),
        "HEAD" => new("HeadBucket", buckets.HeadAsync),
        "PUT" when request.Has("acl") => new("PutBucketAcl", buckets.PutAclAsync),
        "PUT" when request.Has("versioning") => new("PutBucketVersioning", versions.PutVersioningAsync),
        "PUT" when request.Query.Count == 0 => new("PutBucket", buckets.PutAsync),
        "DELETE" when request.Query.Count == 0 => new("DeleteBucket", buckets.DeleteAsync),
        "POST" when request.Has("delete") => new("DeleteMultipleObjects", deletes.DeleteManyAsync),
        _ => Unknown(request),
    };

    private Operation OfObject(OssRequest request) => request.Method switch
    {
        "GET" when request.Has("uploadId") => new("ListParts", multipartLists.ListPartsAsync),
        "GET" when request.Has("acl") => new("GetObjectAcl", attributes.GetAclAsync),
        "GET" when request.Has("tagging") => new("GetObjectTagging", attributes.GetTaggingAsync),
        "GET" or "HEAD" when request.Has("objectMeta") => new("GetObjectMeta", objects.GetMetaAsync),
        "GET" when !request.Has("symlink") => new("GetObject", objects.GetAsync),
        "HEAD" => new("HeadObject", objects.HeadAsync),
        "PUT" when request.Has("uploadId") && IsCopy(request) => new("UploadPartCopy", copies.UploadPartCopyAsync),
        "PUT" when request.Has("uploadId") => new("UploadPart", multipart.UploadPartAsync),
        "PUT" when request.Has("acl") => new("PutObjectAcl", attributes.PutAclAsync),
        "PUT" when request.Has("tagging") => new("PutObjectTagging", attributes.PutTaggingAsync),
        "PUT" when request.Has("symlink") => Unknown(request),
        "PUT" when IsCopy(request) => new("CopyObject", copies.CopyObjectAsync),
        "PUT" => new("PutObject", objects.PutAsync),
        "POST" when request.Has("restore") => new("RestoreObject", attributes.RestoreAsync),
        "POST" when request.Has("uploads") => new("InitiateMultipartUpload", multipart.InitiateAsync),
        "POST" when request.Has("uploadId") => new("CompleteMultipartUpload", multipart.CompleteAsync),
        "DELETE" when request.Has("uploadId") => new("AbortMultipartUpload", multipart.AbortAsync),
        "DELETE" when request.Has("tagging") => new("DeleteObjectTagging", attributes.DeleteTaggingAsync),
        "DELETE" => new("DeleteObject", deletes.DeleteAsync),
        _ => Unknown(request),
    };

    private static bool IsCopy(OssRequest request) => request.Header("x-oss-copy-source") is not null;

    /// <summary>A bucket's other sub-resources (lifecycle, cors...) must not be answered with a listing.</summary>
    private static bool IsPlainListing(OssRequest request) => request.Query.All(p =>
        p.Value.Length > 0
        || p.Key is "prefix" or "delimiter" or "marker" or "max-keys" or "encoding-type" or "list-type"
        || p.Key.StartsWith("x-oss-", StringComparison.Ordinal));

    private static Operation Unknown(OssRequest request) => new("Unknown", _ => throw OssErrors.NotImplemented(
        $"{request.Method} with parameters {string.Join(", ", request.Query.Select(p => p.Key))}"));
}
