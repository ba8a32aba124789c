using System.Net;

namespace SyncAgent.Store.Tests;

public class S3ErrorsTests
{
    [Theory]
    [InlineData("NoSuchKey", 404, StoreErrorKind.NotFound, false)]
    [InlineData("NoSuchBucket", 404, StoreErrorKind.NoSuchBucket, false)]
    [InlineData("PermanentRedirect", 301, StoreErrorKind.NoSuchBucket, false)]
    [InlineData("AuthorizationHeaderMalformed", 400, StoreErrorKind.NoSuchBucket, false)]
    [InlineData("NoSuchUpload", 404, StoreErrorKind.NoSuchUpload, false)]
    [InlineData("PreconditionFailed", 412, StoreErrorKind.PreconditionFailed, false)]
    [InlineData("InvalidAccessKeyId", 403, StoreErrorKind.BadCredentials, false)]
    [InlineData("SignatureDoesNotMatch", 403, StoreErrorKind.BadCredentials, false)]
    [InlineData("ExpiredToken", 400, StoreErrorKind.TokenExpired, false)]
    [InlineData("AccessDenied", 403, StoreErrorKind.AccessDenied, false)]
    [InlineData("RequestTimeTooSkewed", 403, StoreErrorKind.ClockSkew, false)]
    [InlineData("RequestTimeout", 400, StoreErrorKind.Timeout, true)]
    [InlineData("InternalError", 500, StoreErrorKind.Unavailable, true)]
    [InlineData("SlowDown", 503, StoreErrorKind.Throttled, true)]
    [InlineData("ConditionalRequestConflict", 409, StoreErrorKind.Unavailable, true)]
    [InlineData("BadDigest", 400, StoreErrorKind.ChecksumMismatch, true)]
    [InlineData("XAmzContentSHA256Mismatch", 400, StoreErrorKind.ChecksumMismatch, true)]
    [InlineData("EntityTooSmall", 400, StoreErrorKind.InvalidPart, false)]
    [InlineData("EntityTooLarge", 400, StoreErrorKind.TooLarge, false)]
    [InlineData("KeyTooLongError", 400, StoreErrorKind.InvalidName, false)]
    [InlineData("InvalidObjectState", 403, StoreErrorKind.Archived, false)]
    [InlineData("QuotaExceeded", 403, StoreErrorKind.QuotaExceeded, false)]
    [InlineData("NotImplemented", 501, StoreErrorKind.NotSupported, false)]
    [InlineData("InvalidStorageClass", 400, StoreErrorKind.NotSupported, false)]
    [InlineData("SomethingNew", 403, StoreErrorKind.AccessDenied, false)]
    [InlineData("SomethingNew", 400, StoreErrorKind.Refused, false)]
    [InlineData(null, 502, StoreErrorKind.Unavailable, true)]
    [InlineData(null, 429, StoreErrorKind.Throttled, true)]
    [InlineData(null, 416, StoreErrorKind.Refused, false)]
    public void Codes_become_kinds(string? code, int status, StoreErrorKind kind, bool isTransient)
    {
        var error = Error("PutObject", code, status);
        Assert.Equal((kind, isTransient, status, code, "R1"), (error.Kind, error.IsTransient, error.HttpStatus, error.Code, error.RequestId));
        Assert.Equal(status >= 500 && kind is StoreErrorKind.Unavailable, error.MayHaveSucceeded);
    }

    [Theory]
    [InlineData("ListParts")]
    [InlineData("UploadPart")]
    [InlineData("CompleteMultipartUpload")]
    [InlineData("AbortMultipartUpload")]
    public void A_missing_key_is_a_missing_upload_where_the_call_is_about_one(string operation) =>
        Assert.Equal(StoreErrorKind.NoSuchUpload, Error(operation, "NoSuchKey", 404).Kind);

    [Fact]
    public void The_source_of_a_part_is_an_object() => Assert.Equal(StoreErrorKind.NotFound, Error("UploadPartCopy", "NoSuchKey", 404).Kind);

    [Fact]
    public void A_conflict_at_complete_ends_the_upload() =>
        Assert.Equal(StoreErrorKind.NoSuchUpload, Error("CompleteMultipartUpload", "ConditionalRequestConflict", 409).Kind);

    [Fact]
    public void The_store_may_say_how_long_to_wait()
    {
        using var response = Answer(503);
        response.Headers.Add("Retry-After", "7");
        Assert.Equal(TimeSpan.FromSeconds(7), Error("PutObject", "SlowDown", response).RetryAfter);
    }

    private static StoreException Error(string operation, string? code, int status)
    {
        using var response = Answer(status);
        return Error(operation, code, response);
    }

    private static StoreException Error(string operation, string? code, HttpResponseMessage response)
    {
        using var attempt = new S3Attempt(
            new S3Call(operation, "k", ChangesState: true), new StoreCredentials("ak", "sk"), new StallGuard(TimeProvider.System, default));
        attempt.Answered(response);
        return S3Errors.From(attempt, code, "words", null);
    }

    private static HttpResponseMessage Answer(int status)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status);
        response.Headers.Add("x-amz-request-id", "R1");
        return response;
    }
}
