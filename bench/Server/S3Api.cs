using System.Globalization;
using System.Xml.Linq;

namespace SyncAgent.Bench.Server;

/// <summary>The calls of S3 (and, of an upload, of OSS) that contenders make.</summary>
internal static class S3Api
{
    public static void Answer(HttpConnection connection, Request request, Store store)
    {
        var operation = Operation(request);
        var text = operation is "CompleteMultipartUpload" or "DeleteObjects" ? connection.ReadText(request) : null;
        var length = text is null ? connection.Discard(request) : text.Length;
        var isFault = store.Count(operation, length);
        store.Link.Turn();
        if (isFault)
        {
            Refuse(connection, request, 503, "SlowDown");
            return;
        }

        var bucket = store[request.Bucket];
        switch (operation)
        {
            case "PutObject": Put(connection, request, bucket, length); break;
            case "CopyObject": Copy(connection, request, store, bucket); break;
            case "GetObject" or "HeadObject": Get(connection, request, bucket); break;
            case "DeleteObject":
                bucket.Delete(request.Key);
                connection.Reply(204);
                break;
            case "DeleteObjects": DeleteMany(connection, text!, bucket); break;
            case "ListObjects": connection.Reply(200, Listing.Page(request, bucket)); break;
            case "CreateMultipartUpload":
                connection.Reply(200, $"<InitiateMultipartUploadResult><Bucket>{request.Bucket}</Bucket><Key>{Listing.Escape(request.Key)}</Key><UploadId>{bucket.Initiate(request.Key, request.KeptHeaders())}</UploadId></InitiateMultipartUploadResult>");
                break;
            case "UploadPart" or "UploadPartCopy": PutPart(connection, request, bucket, length); break;
            case "CompleteMultipartUpload": Complete(connection, request, bucket); break;
            case "AbortMultipartUpload":
                if (bucket.Abort(request.Query("uploadId")!)) connection.Reply(204);
                else Refuse(connection, request, 404, "NoSuchUpload");
                break;
            case "ListParts": ListParts(connection, request, bucket); break;
            case "ListMultipartUploads": connection.Reply(200, Listing.Uploads(request, bucket)); break;
            case "HeadBucket" or "CreateBucket": connection.Reply(200); break;
            case "GetBucketLocation": connection.Reply(200, "<LocationConstraint/>"); break;
            default: Refuse(connection, request, 501, "NotImplemented"); break;
        }
    }

    private static string Operation(Request request) => (request.Method, request.Key.Length > 0) switch
    {
        ("PUT", true) when request.Has("partNumber") => request.Header("x-amz-copy-source") is null ? "UploadPart" : "UploadPartCopy",
        ("PUT", true) => request.Header("x-amz-copy-source") is null ? "PutObject" : "CopyObject",
        ("GET", true) when request.Has("uploadId") => "ListParts",
        ("GET", true) => "GetObject",
        ("HEAD", true) => "HeadObject",
        ("DELETE", true) => request.Has("uploadId") ? "AbortMultipartUpload" : "DeleteObject",
        ("POST", true) when request.Has("uploads") => "CreateMultipartUpload",
        ("POST", true) when request.Has("uploadId") => "CompleteMultipartUpload",
        ("GET", false) when request.Has("uploads") => "ListMultipartUploads",
        ("GET", false) when request.Has("location") => "GetBucketLocation",
        ("GET", false) when request.Bucket.Length > 0 => "ListObjects",
        ("POST", false) when request.Has("delete") => "DeleteObjects",
        ("HEAD", false) => "HeadBucket",
        ("PUT", false) => "CreateBucket",
        _ => "other",
    };

    private static void Put(HttpConnection connection, Request request, Bucket bucket, long length)
    {
        var put = Bucket.NewObject(length, request.KeptHeaders());
        if (bucket.Put(request.Key, put, request.Header("if-none-match") is not null)) connection.Reply(200, "", $"ETag: \"{put.ETag}\"\r\n");
        else Refuse(connection, request, 412, "PreconditionFailed");
    }

    private static void Copy(HttpConnection connection, Request request, Store store, Bucket bucket)
    {
        var source = Source(request, store);
        if (source is null || Contradicts(request.Header("x-amz-copy-source-if-match"), source))
        {
            Refuse(connection, request, source is null ? 404 : 412, source is null ? "NoSuchKey" : "PreconditionFailed");
            return;
        }

        var isReplaced = "REPLACE".Equals(request.Header("x-amz-metadata-directive"), StringComparison.OrdinalIgnoreCase);
        var copy = Bucket.NewObject(source.Size, isReplaced ? request.KeptHeaders() : source.Headers);
        if (bucket.Put(request.Key, copy, request.Header("if-none-match") is not null)) connection.Reply(200, $"<CopyObjectResult>{Listing.Facts(copy)}</CopyObjectResult>");
        else Refuse(connection, request, 412, "PreconditionFailed");
    }

    private static void Get(HttpConnection connection, Request request, Bucket bucket)
    {
        if (bucket.Find(request.Key) is not { } found)
        {
            Refuse(connection, request, 404, "NoSuchKey");
            return;
        }

        if (Contradicts(request.Header("if-match"), found))
        {
            Refuse(connection, request, 412, "PreconditionFailed");
            return;
        }

        var (offset, end, status) = (0L, found.Size, 200);
        var headers = $"ETag: \"{found.ETag}\"\r\nLast-Modified: {found.Modified:R}\r\nAccept-Ranges: bytes\r\n{found.Headers}";
        if (request.Method == "GET" && request.Header("range") is { } range && found.Size > 0)
        {
            var bounds = range["bytes=".Length..].Split('-');
            if (bounds[0].Length == 0) offset = Math.Max(0, found.Size - Number(bounds[1]));
            else (offset, end) = (Number(bounds[0]), bounds[1].Length == 0 ? found.Size : Math.Min(found.Size, Number(bounds[1]) + 1));
            if (offset >= found.Size)
            {
                Refuse(connection, request, 416, "InvalidRange");
                return;
            }

            status = 206;
            headers += $"Content-Range: bytes {offset}-{end - 1}/{found.Size}\r\n";
        }

        connection.ReplyWithObject(status, headers, offset, end - offset, request.Method == "HEAD");
    }

    private static void PutPart(HttpConnection connection, Request request, Bucket bucket, long length)
    {
        if (request.Header("x-amz-copy-source-range") is { } range)
        {
            var bounds = range["bytes=".Length..].Split('-');
            length = Number(bounds[1]) - Number(bounds[0]) + 1;
        }

        if (bucket.PutPart(request.Query("uploadId")!, (int)Number(request.Query("partNumber")!), length) is not { } part) Refuse(connection, request, 404, "NoSuchUpload");
        else if (request.Header("x-amz-copy-source") is not null) connection.Reply(200, $"<CopyPartResult>{Listing.Facts(part)}</CopyPartResult>");
        else connection.Reply(200, "", $"ETag: \"{part.ETag}\"\r\n");
    }

    private static void Complete(HttpConnection connection, Request request, Bucket bucket)
    {
        if (request.Header("if-none-match") is not null && bucket.Find(request.Key) is not null) Refuse(connection, request, 412, "PreconditionFailed");
        else if (bucket.Complete(request.Query("uploadId")!) is not { } whole) Refuse(connection, request, 404, "NoSuchUpload");
        else connection.Reply(200, $"<CompleteMultipartUploadResult><Location>l</Location><Bucket>{request.Bucket}</Bucket><Key>{Listing.Escape(request.Key)}</Key><ETag>\"{whole.ETag}\"</ETag></CompleteMultipartUploadResult>");
    }

    private static void DeleteMany(HttpConnection connection, string body, Bucket bucket)
    {
        var keys = XDocument.Parse(body).Descendants().Where(element => element.Name.LocalName == "Key").Select(element => element.Value).ToList();
        foreach (var key in keys) bucket.Delete(key);
        connection.Reply(200, $"<DeleteResult>{string.Concat(keys.Select(key => $"<Deleted><Key>{Listing.Escape(key)}</Key></Deleted>"))}</DeleteResult>");
    }

    private static void ListParts(HttpConnection connection, Request request, Bucket bucket)
    {
        if (bucket.Parts(request.Query("uploadId")!) is { } parts) connection.Reply(200, Listing.Parts(request, parts));
        else Refuse(connection, request, 404, "NoSuchUpload");
    }

    private static StoredObject? Source(Request request, Store store)
    {
        var source = Uri.UnescapeDataString(request.Header("x-amz-copy-source")!.Split('?')[0]).TrimStart('/').Split('/', 2);
        return store[source[0]].Find(source[1]);
    }

    private static bool Contradicts(string? condition, StoredObject found) => condition is not null && condition.Trim('"') != found.ETag;

    private static void Refuse(HttpConnection connection, Request request, int status, string code)
    {
        if (request.Method == "HEAD") connection.ReplyWithObject(status, "", 0, 0, isHead: true);
        else connection.Reply(status, $"<Error><Code>{code}</Code><Message>{code}</Message><RequestId>bench</RequestId></Error>");
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
