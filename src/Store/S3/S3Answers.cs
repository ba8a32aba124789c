using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Amazon.S3;
using Amazon.S3.Model;

namespace SyncAgent.Store;

/// <summary>Reads what the vendor's client made of the answers.</summary>
internal static class S3Answers
{
    private const string MetadataPrefix = "x-amz-meta-";

    /// <summary>The ETag; an answer without one is not a store's.</summary>
    public static string RequireETag<T>(S3Answer<T> answer, string? etag) =>
        S3ETags.Unquote(etag) ?? throw answer.Attempt.Unreadable("it has no ETag");

    public static ListPage ReadPage(S3Answer<ListObjectsV2Response> answer)
    {
        var page = answer.Value;
        var encoded = page.Encoding == EncodingType.Url;
        if (page.IsTruncated == true && string.IsNullOrEmpty(page.NextContinuationToken))
            throw answer.Attempt.Unreadable("it is not the last page and does not say where the next begins");
        return new ListPage(
            [.. (page.S3Objects ?? []).Select(o => new ListedObject(
                Decode(o.Key, encoded), o.Size ?? 0, S3ETags.Unquote(o.ETag) ?? "", Time(o.LastModified), o.StorageClass?.Value))],
            [.. (page.CommonPrefixes ?? []).Select(p => Decode(p, encoded))],
            page.IsTruncated == true ? page.NextContinuationToken : null);
    }

    public static PartsPage ReadParts(S3Answer<ListPartsResponse> answer)
    {
        var page = answer.Value;
        if (page.IsTruncated == true && page.NextPartNumberMarker is null)
            throw answer.Attempt.Unreadable("it is not the last page and does not say where the next begins");
        return new PartsPage(
            [.. (page.Parts ?? []).Select(p => new ListedPart(p.PartNumber ?? 0, p.Size ?? 0, S3ETags.Unquote(p.ETag) ?? "", null))],
            page.IsTruncated == true ? page.NextPartNumberMarker : null);
    }

    public static UploadsPage ReadUploads(S3Answer<ListMultipartUploadsResponse> answer)
    {
        var page = answer.Value;
        if (page.IsTruncated == true && string.IsNullOrEmpty(page.NextKeyMarker))
            throw answer.Attempt.Unreadable("it is not the last page and does not say where the next begins");
        return new UploadsPage(
            [.. (page.MultipartUploads ?? []).Select(u => new ListedUpload(u.Key, u.UploadId, Time(u.Initiated)))],
            page.IsTruncated == true ? page.NextKeyMarker : null,
            page.IsTruncated == true ? page.NextUploadIdMarker : null);
    }

    public static ObjectInfo ReadInfo(string key, S3Answer<GetObjectMetadataResponse> answer)
    {
        var head = answer.Value;
        if (head.Headers["Content-Length"] is null) throw answer.Attempt.Unreadable("it has no Content-Length");
        return Info(
            key, head.Headers.ContentLength, RequireETag(answer, head.ETag), head.LastModified, head.VersionId, head.StorageClass, head.ContentType,
            head.Metadata, head.ServerSideEncryptionMethod);
    }

    public static ObjectInfo ReadInfo(string key, ByteRange? range, S3Answer<GetObjectResponse> answer)
    {
        var body = answer.Value;
        return Info(
            key, WholeSize(range, answer), RequireETag(answer, answer.Attempt.ETag), body.LastModified, body.VersionId, body.StorageClass, body.Headers.ContentType,
            body.Metadata, body.ServerSideEncryptionMethod);
    }

    private static ObjectInfo Info(
        string key, long size, string etag, DateTime? modified, string? version, S3StorageClass? storageClass, string? contentType,
        MetadataCollection metadata, ServerSideEncryptionMethod? encryption)
    {
        var own = new Dictionary<string, string>();
        foreach (var name in metadata.Keys)
        {
            var plain = name.StartsWith(MetadataPrefix, StringComparison.OrdinalIgnoreCase) ? name[MetadataPrefix.Length..] : name;
            own[plain.ToLowerInvariant()] = metadata[name];
        }

        return new ObjectInfo(
            key, size, etag, Time(modified), null, string.IsNullOrEmpty(version) ? null : version, storageClass?.Value, contentType, own)
        {
            Md5 = S3ETags.IsMd5(etag) && !S3ETags.IsKms(encryption) ? etag : null,
        };
    }

    /// <summary>The object's size, having made sure that the body is the range that was asked for.</summary>
    private static long WholeSize(ByteRange? range, S3Answer<GetObjectResponse> answer)
    {
        var body = answer.Value;
        if (body.Headers["Content-Length"] is null) throw answer.Attempt.Unreadable("it has no Content-Length");
        var length = body.Headers.ContentLength;
        if (answer.Attempt.Status is not HttpStatusCode.PartialContent)
        {
            // The whole object instead of a range will do only where the two are the same.
            return range is null || (range.Value.Offset == 0 && range.Value.Length >= length)
                ? length
                : throw answer.Attempt.Unreadable("it is the whole object and not the range");
        }

        if (range is { } wanted && ContentRangeHeaderValue.TryParse(body.ContentRange, out var got)
            && got is { From: { } from, To: { } to, Length: { } size } && from == wanted.Offset
            && to == Math.Min(from + wanted.Length, size) - 1 && length == to - from + 1)
        {
            return size;
        }

        throw answer.Attempt.Unreadable(string.Create(CultureInfo.InvariantCulture, $"its range is {body.ContentRange}, {length} bytes"));
    }

    // Amazon writes a space as "+", others as "%20"; a plus is "%2B" everywhere.
    private static string Decode(string text, bool encoded) =>
        encoded ? Uri.UnescapeDataString(text.Replace('+', ' ')) : text;

    private static DateTimeOffset Time(DateTime? time) =>
        time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : DateTimeOffset.UnixEpoch;
}
