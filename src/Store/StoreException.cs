namespace SyncAgent.Store;

/// <summary>What went wrong, in terms that the callers decide by.</summary>
public enum StoreErrorKind
{
    /// <summary>No such object.</summary>
    NotFound,

    /// <summary>No such bucket, or not in this region.</summary>
    NoSuchBucket,

    /// <summary>The upload id is unknown: completed, aborted or never there.</summary>
    NoSuchUpload,

    /// <summary>Create-only put and the key exists.</summary>
    AlreadyExists,

    /// <summary>ETag differs from the one asked for.</summary>
    PreconditionFailed,

    /// <summary>Key, secret or signature is wrong.</summary>
    BadCredentials,

    /// <summary>Temporary credentials have expired.</summary>
    TokenExpired,

    /// <summary>The credentials are right but may not do this.</summary>
    AccessDenied,

    /// <summary>The account is disabled: in arrears, suspended, or not signed up.</summary>
    AccountDisabled,

    /// <summary>Clocks differ by more than the store allows (15 minutes).</summary>
    ClockSkew,

    /// <summary>Asked to slow down.</summary>
    Throttled,

    /// <summary>The store failed (5xx).</summary>
    Unavailable,

    /// <summary>No connection, or it broke.</summary>
    Network,

    /// <summary>No answer in time.</summary>
    Timeout,

    /// <summary>Bytes arrived damaged, or the store states another checksum.</summary>
    ChecksumMismatch,

    /// <summary>The local bytes are not those that were announced.</summary>
    SourceChanged,

    /// <summary>A part named at Complete is missing, stale, too small or out of order.</summary>
    InvalidPart,

    /// <summary>Larger than the store takes.</summary>
    TooLarge,

    /// <summary>The store refuses this key.</summary>
    InvalidName,

    /// <summary>The object is in an archive class and must be restored first.</summary>
    Archived,

    /// <summary>Quota or account limit reached.</summary>
    QuotaExceeded,

    /// <summary>The store does not know this call or option.</summary>
    NotSupported,

    /// <summary>Anything else that the store refused.</summary>
    Refused,
}

/// <summary>An error from the store, with what a person needs to act on it. Never holds credentials.</summary>
public sealed class StoreException : Exception
{
    /// <summary>Makes an error.</summary>
    public StoreException(StoreErrorKind kind, string message, Exception? inner = null)
        : base(message, inner) => Kind = kind;

    /// <summary>What went wrong.</summary>
    public StoreErrorKind Kind { get; }

    /// <summary>HTTP status, or 0 when no answer came.</summary>
    public int HttpStatus { get; init; }

    /// <summary>The store's own error code, e.g. "NoSuchKey", or null.</summary>
    public string? Code { get; init; }

    /// <summary>The store's request id, or null.</summary>
    public string? RequestId { get; init; }

    /// <summary>The store's detailed error code (OSS "EC"), for support only: never branched on.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>How long the store asks to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True when the same call may succeed later without anybody's help.</summary>
    public bool IsTransient => Kind is StoreErrorKind.Throttled or StoreErrorKind.Unavailable or StoreErrorKind.Network
        or StoreErrorKind.Timeout or StoreErrorKind.ChecksumMismatch;

    /// <summary>True when the request may have been carried out although no good answer came.</summary>
    public bool MayHaveSucceeded { get; init; }

    /// <summary>What a person can do about it.</summary>
    public string Remedy => StoreRemedies.For(Kind);

    /// <summary>All that a person needs: what happened, what to do, and what the store's support asks for.</summary>
    public string Explain() => $"{Message.TrimEnd('.')}. {Remedy}" + (RequestId, ErrorCode) switch
    {
        ({ } id, { } code) => $" Request id {id}, EC {code}.",
        ({ } id, null) => $" Request id {id}.",
        (null, { } code) => $" EC {code}.",
        _ => "",
    };
}
