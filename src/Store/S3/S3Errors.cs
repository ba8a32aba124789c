using Amazon.Runtime;

namespace SyncAgent.Store;

/// <summary>The one place where S3's error codes become <see cref="StoreErrorKind"/>. Which kinds are worth a repeat is
/// <see cref="StoreException.IsTransient"/>. Codes: Amazon's "Error responses"; what Swift's s3api and Ceph's radosgw say instead was
/// seen on the real servers.</summary>
internal static class S3Errors
{
    /// <summary>Makes the exception for an answer that is not a success.</summary>
    /// <param name="attempt">What was tried, and the answer.</param>
    /// <param name="code">The store's code, or null when there was none that could be read.</param>
    /// <param name="message">The store's words.</param>
    /// <param name="inner">What the vendor's client made of it.</param>
    public static StoreException From(S3Attempt attempt, string? code, string message, Exception? inner)
    {
        var (call, status) = (attempt.Call, (int)attempt.Status);
        var kind = KindOf(code, status, attempt);
        var says = string.IsNullOrEmpty(code) ? attempt.Status.ToString() : $"{code}: {message}";
        return new StoreException(kind, $"{call.Operation} was answered with {status} {says}", inner)
        {
            HttpStatus = status,
            Code = string.IsNullOrEmpty(code) ? null : code,
            RequestId = attempt.RequestId ?? (inner as AmazonServiceException)?.RequestId,
            RetryAfter = attempt.RetryAfter,
            // A gateway's 5xx says nothing about what the server behind it has done, nor does an error that follows a 200.
            // (408 and RequestTimeout do: the request never arrived whole.)
            MayHaveSucceeded = call.ChangesState && kind is StoreErrorKind.Unavailable && (status is 200 or >= 500),
        };
    }

    private static StoreErrorKind KindOf(string? code, int status, S3Attempt attempt) => code switch
    {
        // radosgw says so of an upload that was aborted.
        "NoSuchKey" when IsAboutAnUpload(attempt.Call.Operation) => StoreErrorKind.NoSuchUpload,
        "NoSuchKey" or "NoSuchVersion" => StoreErrorKind.NotFound,
        "NoSuchBucket" or "InvalidBucketName" => StoreErrorKind.NoSuchBucket,
        // Another region's bucket.
        "PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" => StoreErrorKind.NoSuchBucket,
        "NoSuchUpload" => StoreErrorKind.NoSuchUpload,
        "PreconditionFailed" => StoreErrorKind.PreconditionFailed,
        // "Conflicting conditional operation": a put may be made again, a multipart upload is lost and starts again.
        "ConditionalRequestConflict" when attempt.Call.Operation == "CompleteMultipartUpload" => StoreErrorKind.NoSuchUpload,
        "ConditionalRequestConflict" or "OperationAborted" => StoreErrorKind.Unavailable,
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" => StoreErrorKind.BadCredentials,
        "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" or "ExpiredTokenException" => StoreErrorKind.TokenExpired,
        // A HEAD has no body to say it in.
        _ when status == 400 && attempt.Call.Operation == "HeadObject" && attempt.Credentials.SecurityToken is not null => StoreErrorKind.TokenExpired,
        "AccessDenied" => StoreErrorKind.AccessDenied,
        "AccountProblem" or "AllAccessDisabled" or "NotSignedUp" or "UserSuspended" => StoreErrorKind.AccountDisabled,
        "RequestTimeTooSkewed" or "RequestExpired" => StoreErrorKind.ClockSkew,
        "RequestTimeout" => StoreErrorKind.Timeout,
        "InternalError" or "ServiceUnavailable" => StoreErrorKind.Unavailable,
        "SlowDown" or "Throttling" or "ThrottlingException" or "TooManyRequests" or "RequestLimitExceeded" or "BandwidthLimitExceeded"
            => StoreErrorKind.Throttled,
        "BadDigest" or "InvalidDigest" or "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch" => StoreErrorKind.ChecksumMismatch,
        "IncompleteBody" => StoreErrorKind.Network,
        "InvalidPart" or "InvalidPartOrder" or "EntityTooSmall" => StoreErrorKind.InvalidPart,
        "EntityTooLarge" => StoreErrorKind.TooLarge,
        "KeyTooLongError" or "KeyTooLong" or "InvalidObjectName" or "InvalidURI" => StoreErrorKind.InvalidName,
        "InvalidObjectState" => StoreErrorKind.Archived,
        not null when code.Contains("Quota", StringComparison.Ordinal) => StoreErrorKind.QuotaExceeded,
        "NotImplemented" or "MethodNotAllowed" or "InvalidStorageClass" or "SecondLevelDomainForbidden" or "AccessControlListNotSupported"
            => StoreErrorKind.NotSupported,
        _ => KindOf(status),
    };

    private static bool IsAboutAnUpload(string operation) =>
        operation is "UploadPart" or "ListParts" or "CompleteMultipartUpload" or "AbortMultipartUpload";

    private static StoreErrorKind KindOf(int status) => status switch
    {
        // An error after the answer had begun with success.
        200 => StoreErrorKind.Unavailable,
        >= 300 and < 400 => StoreErrorKind.NoSuchBucket,
        401 or 403 => StoreErrorKind.AccessDenied,
        404 => StoreErrorKind.NotFound,
        408 => StoreErrorKind.Timeout,
        412 => StoreErrorKind.PreconditionFailed,
        413 => StoreErrorKind.TooLarge,
        429 => StoreErrorKind.Throttled,
        501 => StoreErrorKind.NotSupported,
        507 => StoreErrorKind.QuotaExceeded,
        >= 500 => StoreErrorKind.Unavailable,
        _ => StoreErrorKind.Refused,
    };
}
