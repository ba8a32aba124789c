using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace SyncAgent.Store;

/// <summary>The one place where OSS's error codes become <see cref="StoreErrorKind"/>. Which kinds are worth a repeat is
/// <see cref="StoreException.IsTransient"/>. Codes: Alibaba's "Error responses" and the pages it links.</summary>
internal static class OssErrors
{
    /// <summary>Makes the exception for an answer that is not a success.</summary>
    /// <param name="operation">The call, for the message.</param>
    /// <param name="status">HTTP status.</param>
    /// <param name="headers">Answer headers: request id, retry hints.</param>
    /// <param name="error">The parsed error document, or null when there was none that could be read.</param>
    /// <param name="changesState">Whether the call changes anything in the bucket.</param>
    public static StoreException From(
        string operation, HttpStatusCode status, HttpResponseHeaders headers, OssErrorDocument? error, bool changesState)
    {
        var kind = KindOf(error?.Code, error?.Endpoint, (int)status);
        var says = error is null ? status.ToString() : $"{error.Code}: {error.Message}";
        var elsewhere = error?.Endpoint is { Length: > 0 } endpoint ? $" The bucket is at {endpoint}." : "";
        if (status is HttpStatusCode.ProxyAuthenticationRequired) elsewhere = " Check the proxy, its user and its password.";
        return new StoreException(kind, $"{operation} was answered with {(int)status} {says}{elsewhere}")
        {
            HttpStatus = (int)status,
            Code = error?.Code,
            RequestId = error?.RequestId ?? HeaderValues.First(headers, OssHeaders.RequestId),
            ErrorCode = error?.ErrorCode ?? HeaderValues.First(headers, OssHeaders.ErrorCode),
            RetryAfter = RetryAfter(headers),
            // A gateway's 5xx says nothing about what the server behind it has done. (408 and RequestTimeout do: the
            // request never arrived whole.)
            MayHaveSucceeded = changesState && kind is StoreErrorKind.Unavailable,
        };
    }

    private static StoreErrorKind KindOf(string? code, string? endpoint, int status) => code switch
    {
        "NoSuchKey" or "NoSuchVersion" or "SymlinkTargetNotExist" => StoreErrorKind.NotFound,
        "NoSuchBucket" or "InvalidBucketName" => StoreErrorKind.NoSuchBucket,
        // "The bucket you are attempting to access must be addressed using the specified endpoint."
        "AccessDenied" or "PermanentRedirect" or "TemporaryRedirect" when endpoint is { Length: > 0 } => StoreErrorKind.NoSuchBucket,
        "NoSuchUpload" => StoreErrorKind.NoSuchUpload,
        "FileAlreadyExists" or "ObjectAlreadyExists" => StoreErrorKind.AlreadyExists,
        "PreconditionFailed" => StoreErrorKind.PreconditionFailed,
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" => StoreErrorKind.BadCredentials,
        // The exact code of an expired STS token is not documented; all candidates have "Token" in them.
        not null when status is 401 or 403 && code.Contains("Token", StringComparison.Ordinal) => StoreErrorKind.TokenExpired,
        "AccessDenied" or "AccessForbidden" or "FileImmutable" => StoreErrorKind.AccessDenied,
        "UserDisable" => StoreErrorKind.AccountDisabled,
        "RequestTimeTooSkewed" => StoreErrorKind.ClockSkew,
        "RequestTimeout" => StoreErrorKind.Timeout,
        "InternalError" or "ServiceUnavailable" => StoreErrorKind.Unavailable,
        "SlowDown" or "TooManyRequests" => StoreErrorKind.Throttled,
        not null when code.EndsWith("LimitExceeded", StringComparison.Ordinal) && status is 429 or 503 => StoreErrorKind.Throttled,
        "InvalidDigest" or "BadDigest" => StoreErrorKind.ChecksumMismatch,
        "InvalidPart" or "InvalidPartOrder" or "EntityTooSmall" => StoreErrorKind.InvalidPart,
        // "Interity" is how OSS spells it.
        "FilePartNotExist" or "FilePartStale" or "FilePartInterity" => StoreErrorKind.InvalidPart,
        "EntityTooLarge" => StoreErrorKind.TooLarge,
        "InvalidObjectName" or "KeyTooLongError" => StoreErrorKind.InvalidName,
        "InvalidObjectState" => StoreErrorKind.Archived,
        not null when code.Contains("Quota", StringComparison.Ordinal) => StoreErrorKind.QuotaExceeded,
        "NotImplemented" or "MethodNotAllowed" or "SecondLevelDomainForbidden" => StoreErrorKind.NotSupported,
        _ => KindOf(status),
    };

    private static StoreErrorKind KindOf(int status) => status switch
    {
        401 or 403 => StoreErrorKind.AccessDenied,
        404 => StoreErrorKind.NotFound,
        408 => StoreErrorKind.Timeout,
        412 => StoreErrorKind.PreconditionFailed,
        413 => StoreErrorKind.TooLarge,
        429 => StoreErrorKind.Throttled,
        501 => StoreErrorKind.NotSupported,
        >= 500 => StoreErrorKind.Unavailable,
        _ => StoreErrorKind.Refused,
    };

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers) =>
        int.TryParse(HeaderValues.First(headers, OssHeaders.QosDelay), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : headers.RetryAfter?.Delta;
}
