using System.Net;

namespace SyncAgent.Store;

/// <summary>One call on S3.</summary>
/// <param name="Operation">The call's name, for messages.</param>
/// <param name="Key">Object key, or null for a call on the bucket.</param>
/// <param name="ChangesState">Whether the call changes anything in the bucket.</param>
/// <param name="Content">Bytes to send, or null where the call has none of its own.</param>
internal sealed record S3Call(string Operation, string? Key, bool ChangesState, ObjectContent? Content = null)
{
    /// <summary>Whether the answer's body is an object, to be read by the caller.</summary>
    public bool IsDownload { get; init; }

    /// <summary>Whether the Content-Type that the client makes up from the key's ending is to be left out.</summary>
    public bool OmitContentType { get; init; }

    /// <summary>Whether the body goes with a Content-MD5 instead of the CRC-32 that the client gives it: Swift and OSS require the one
    /// and do not know the other.</summary>
    public bool ReplacesChecksumByMd5 { get; init; }
}

/// <summary>One attempt at a call. The vendor's client sits between those who make the call and the connection; this is what both ends
/// know about it. Dispose once the answer's body has been read.</summary>
internal sealed class S3Attempt(S3Call call, StoreCredentials credentials, StallGuard guard) : IDisposable
{
    /// <summary>Where stores that speak S3 state a request's id: Amazon and most others, Google, OSS.</summary>
    private static readonly string[] RequestIdHeaders = ["x-amz-request-id", "x-guploader-uploadid", "x-oss-request-id"];

    private static readonly AsyncLocal<S3Attempt?> s_current = new();

    /// <summary>The attempt that the running code is part of.</summary>
    public static S3Attempt Current
    {
        get => s_current.Value ?? throw new InvalidOperationException("No call is under way.");
        set => s_current.Value = value;
    }

    public S3Call Call { get; } = call;

    public StoreCredentials Credentials { get; } = credentials;

    public StallGuard Guard { get; } = guard;

    /// <summary>SHA-256 of the body in hex, where the signature is to cover it.</summary>
    public string? PayloadSha256 { get; set; }

    /// <summary>The body under way, or null before it is made.</summary>
    public BodyContent? Body { get; set; }

    /// <summary>What the connection reported, or null.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Status of the answer, or 0 when none came.</summary>
    public HttpStatusCode Status { get; private set; }

    /// <summary>The store's request id, or null: then the answer may be a proxy's.</summary>
    public string? RequestId { get; private set; }

    /// <summary>The ETag header, or null.</summary>
    public string? ETag { get; private set; }

    /// <summary>How long the store asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    public void Answered(HttpResponseMessage response)
    {
        Status = response.StatusCode;
        RequestId = RequestIdHeaders.Select(name => HeaderValues.First(response.Headers, name)).FirstOrDefault(id => !string.IsNullOrEmpty(id));
        ETag = HeaderValues.First(response.Headers, "ETag");
        RetryAfter = response.Headers.RetryAfter?.Delta;
    }

    /// <summary>An answer that is no S3 answer (a hotel's sign-in page, say).</summary>
    public StoreException Unreadable(string why, Exception? inner = null) =>
        new(StoreErrorKind.Network, $"{Call.Operation}: the answer cannot be used: {why}.", inner)
        {
            HttpStatus = (int)Status,
            RequestId = RequestId,
            MayHaveSucceeded = Call.ChangesState,
        };

    public void Dispose() => Guard.Dispose();
}

/// <summary>An answer of the vendor's client, and the attempt that brought it.</summary>
internal sealed record S3Answer<T>(T Value, S3Attempt Attempt) : IDisposable
{
    public void Dispose()
    {
        (Value as IDisposable)?.Dispose();
        Attempt.Dispose();
    }
}
