using System.Net;

namespace SyncAgent.Store.Tests;

public class OssErrorsTests
{
    [Theory]
    [InlineData(404, "NoSuchKey", StoreErrorKind.NotFound, false)]
    [InlineData(404, "NoSuchBucket", StoreErrorKind.NoSuchBucket, false)]
    [InlineData(404, "NoSuchUpload", StoreErrorKind.NoSuchUpload, false)]
    [InlineData(409, "FileAlreadyExists", StoreErrorKind.AlreadyExists, false)]
    [InlineData(412, "PreconditionFailed", StoreErrorKind.PreconditionFailed, false)]
    [InlineData(403, "InvalidAccessKeyId", StoreErrorKind.BadCredentials, false)]
    [InlineData(403, "SignatureDoesNotMatch", StoreErrorKind.BadCredentials, false)]
    [InlineData(403, "SecurityTokenExpired", StoreErrorKind.TokenExpired, false)]
    [InlineData(403, "InvalidSecurityToken", StoreErrorKind.TokenExpired, false)]
    [InlineData(403, "AccessDenied", StoreErrorKind.AccessDenied, false)]
    [InlineData(403, "RequestTimeTooSkewed", StoreErrorKind.ClockSkew, false)]
    [InlineData(503, "UploadTrafficRateLimitExceeded", StoreErrorKind.Throttled, true)]
    [InlineData(503, "DownloadTrafficRateLimitExceeded", StoreErrorKind.Throttled, true)]
    [InlineData(503, "TotalQpsLimitExceeded", StoreErrorKind.Throttled, true)]
    [InlineData(503, "MetaOperationQpsLimitExceeded", StoreErrorKind.Throttled, true)]
    [InlineData(429, "TooManyRequests", StoreErrorKind.Throttled, true)]
    [InlineData(500, "InternalError", StoreErrorKind.Unavailable, true)]
    [InlineData(503, "ServiceUnavailable", StoreErrorKind.Unavailable, true)]
    [InlineData(400, "RequestTimeout", StoreErrorKind.Timeout, true)]
    [InlineData(400, "InvalidDigest", StoreErrorKind.ChecksumMismatch, true)]
    [InlineData(400, "InvalidPart", StoreErrorKind.InvalidPart, false)]
    [InlineData(400, "InvalidPartOrder", StoreErrorKind.InvalidPart, false)]
    [InlineData(400, "EntityTooSmall", StoreErrorKind.InvalidPart, false)]
    [InlineData(400, "FilePartNotExist", StoreErrorKind.InvalidPart, false)]
    [InlineData(400, "FilePartStale", StoreErrorKind.InvalidPart, false)]
    [InlineData(400, "FilePartInterity", StoreErrorKind.InvalidPart, false)]
    [InlineData(400, "EntityTooLarge", StoreErrorKind.TooLarge, false)]
    [InlineData(400, "InvalidObjectName", StoreErrorKind.InvalidName, false)]
    [InlineData(400, "InvalidBucketName", StoreErrorKind.NoSuchBucket, false)]
    [InlineData(403, "InvalidObjectState", StoreErrorKind.Archived, false)]
    [InlineData(400, "NotImplemented", StoreErrorKind.NotSupported, false)]
    [InlineData(403, "SecondLevelDomainForbidden", StoreErrorKind.NotSupported, false)]
    [InlineData(416, "InvalidRange", StoreErrorKind.Refused, false)]
    [InlineData(400, "SomethingNew", StoreErrorKind.Refused, false)]
    [InlineData(502, null, StoreErrorKind.Unavailable, true)]
    [InlineData(408, null, StoreErrorKind.Timeout, true)]
    [InlineData(403, null, StoreErrorKind.AccessDenied, false)]
    [InlineData(301, null, StoreErrorKind.Refused, false)]
    public void Each_code_has_a_kind(int status, string? code, StoreErrorKind kind, bool isTransient)
    {
        var error = Make(status, code, endpoint: null, changesState: true);
        Assert.Equal(kind, error.Kind);
        Assert.Equal(isTransient, error.IsTransient);
        Assert.Equal(kind is StoreErrorKind.Unavailable, error.MayHaveSucceeded);
        Assert.False(string.IsNullOrEmpty(error.Remedy));
    }

    [Fact]
    public void A_bucket_that_is_elsewhere_names_its_endpoint()
    {
        var error = Make(403, "AccessDenied", "oss-cn-beijing.aliyuncs.com", changesState: false);
        Assert.Equal(StoreErrorKind.NoSuchBucket, error.Kind);
        Assert.Contains("oss-cn-beijing.aliyuncs.com", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_that_failed_never_may_have_succeeded() => Assert.False(Make(500, "InternalError", null, changesState: false).MayHaveSucceeded);

    [Theory]
    [InlineData("x-oss-qos-delay-time", "1500", 1500)]
    [InlineData("Retry-After", "3", 3000)]
    public void The_wait_that_the_store_asks_for_is_kept(string header, string value, int milliseconds)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        response.Headers.TryAddWithoutValidation(header, value);
        var error = OssErrors.From("X", response.StatusCode, response.Headers, null, changesState: false);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), error.RetryAfter);
    }

    private static StoreException Make(int status, string? code, string? endpoint, bool changesState)
    {
        using var response = new HttpResponseMessage((HttpStatusCode)status);
        var document = code is null ? null : new OssErrorDocument(code, "words", "R", "0001", endpoint);
        return OssErrors.From("X", response.StatusCode, response.Headers, document, changesState);
    }
}
