namespace SyncAgent.DevStore;

/// <summary>A refusal that the client is told about.</summary>
internal sealed class OssException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Additional elements of the error document.</summary>
    public IReadOnlyList<(string Name, string Value)> Details { get; init; } = [];

    /// <summary>Additional headers of the answer.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The service's fine-grained error number, where the documentation gives it.</summary>
    public string Ec => Code switch
    {
        "CallbackFailed" => "0007-00000203",
        "FileAlreadyExists" => "0026-00000002",
        "InvalidPartOrder" => "0042-00000209",
        "NotImplemented" => "0017-00000245",
        "SecurityTokenExpired" => "0002-00000007",
        _ => "0000-00000000",
    };
}

/// <summary>The refusals, with the codes and statuses of the OSS error documentation.</summary>
internal static class OssErrors
{
    public static OssException InvalidArgument(string message) => new(400, "InvalidArgument", message);

    public static OssException MissingArgument(string name) => new(400, "MissingArgument", $"{name} is required.");

    public static OssException MalformedXml(string message) => new(400, "MalformedXML", message);

    /// <summary>The bytes of an object in an archive class are there only once it is restored.</summary>
    public static void ThrowIfArchived(ObjectRecord item)
    {
        if (item.Attributes is { IsArchived: true, IsRestored: false })
            throw new OssException(403, "InvalidObjectState", "The operation is not valid for the object's state");
    }

    public static OssException InvalidDigest() => new(400, "InvalidDigest", "The Content-MD5 you specified is not valid for the body.");

    public static OssException InvalidObjectName() =>
        new(400, "InvalidObjectName", "An object name has 1 to 1023 bytes of UTF-8 and does not start with / or \\.");

    public static OssException InvalidBucketName() =>
        new(400, "InvalidBucketName", "A bucket name has 3 to 63 lower-case letters, digits and inner hyphens.");

    public static OssException NotImplemented(string what) => new(400, "NotImplemented", $"{what} is not implemented.");

    public static OssException EntityTooLarge(long size, long limit) => new(400, "EntityTooLarge", "The entity is too large.")
    {
        Details = [("ProposedSize", $"{size}"), ("MaxSizeAllowed", $"{limit}")],
    };

    public static OssException AccessDenied(string message) => new(403, "AccessDenied", message);

    public static OssException NoSuchBucket() => new(404, "NoSuchBucket", "The specified bucket does not exist.");

    public static OssException NoSuchKey(string key) => new(404, "NoSuchKey", "The specified key does not exist.") { Details = [("Key", key)] };

    public static OssException NoSuchVersion(string key, string versionId) =>
        new(404, "NoSuchVersion", "The specified version does not exist.") { Details = [("Key", key), ("VersionId", versionId)] };

    /// <summary>404 for who asked for the object, 405 for who asked for this very version.</summary>
    public static OssException IsDeleteMarker(ObjectRecord marker, bool named) =>
        new(named ? 405 : 404, named ? "MethodNotAllowed" : "NoSuchKey", named ? "The version is a delete marker." : "The specified key does not exist.")
        {
            Details = [("Key", marker.Key)],
            Headers = [("x-oss-delete-marker", "true"), ("x-oss-version-id", VersionIds.Show(marker.VersionId))],
        };

    /// <summary>The object is stored; that is why the status is a success.</summary>
    public static OssException CallbackFailed(string message, IEnumerable<(string Name, string Value)> stored) =>
        new(203, "CallbackFailed", message) { Headers = [.. stored] };

    public static OssException NoSuchUpload(string id) =>
        new(404, "NoSuchUpload", "The upload does not exist: it may have been aborted or completed.") { Details = [("UploadId", id)] };

    public static OssException InvalidPart(int number) =>
        new(400, "InvalidPart", "A part was not found, or its ETag is another.") { Details = [("PartNumber", $"{number}")] };

    public static OssException FileAlreadyExists(string key) =>
        new(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.") { Details = [("Key", key)] };

    public static OssException PreconditionFailed(string condition) =>
        new(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.") { Details = [("Condition", condition)] };

    public static OssException NotModified() => new(304, "NotModified", "Not modified.");

    public static OssException InvalidRange(long size) => new(416, "InvalidRange", "The requested range cannot be satisfied.")
    {
        Details = [("ActualObjectSize", $"{size}")],
        Headers = [("Content-Range", $"bytes */{size}")],
    };
}
