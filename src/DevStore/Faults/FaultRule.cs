using System.Text.Json.Serialization;

namespace SyncAgent.DevStore;

/// <summary>What a <see cref="FaultRule"/> does to a request.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
public enum FaultKind
{
    /// <summary>Answers with <see cref="FaultRule.Status"/>, <see cref="FaultRule.Code"/> and <see cref="FaultRule.Headers"/>; nothing is carried out.</summary>
    Error,

    /// <summary>Cuts the connection before the body is read; nothing is carried out.</summary>
    ResetBeforeBody,

    /// <summary>Cuts the connection after <see cref="FaultRule.AfterBytes"/> bytes of the request's body or, if it has none, of the answer's.</summary>
    ResetMidBody,

    /// <summary>Waits <see cref="FaultRule.LatencyMilliseconds"/> before anything else.</summary>
    Latency,

    /// <summary>Limits each matching request to <see cref="FaultRule.BytesPerSecond"/>, both ways.</summary>
    Bandwidth,

    /// <summary>Carries the request out, then cuts the connection instead of answering.</summary>
    LoseReply,

    /// <summary>Carries the request out and lies in x-oss-hash-crc64ecma.</summary>
    WrongCrc,

    /// <summary>Forgets the request's multipart upload first, as if it had been aborted or had expired.</summary>
    VanishUpload,

    /// <summary>Flips a bit of byte <see cref="FaultRule.AfterBytes"/> of the request's body or, if it has none, of the answer's.</summary>
    CorruptByte,

    /// <summary>Swallows the request and never answers until the client gives up or the server stops.</summary>
    Hang,
}

/// <summary>
/// One planned fault. It looks at requests that passed the signature check, in order of arrival: of those that match, the
/// first <see cref="Skip"/> pass, then each is hit with <see cref="Probability"/> until <see cref="Times"/> are.
/// Several rules may hit one request.
/// </summary>
public sealed record FaultRule
{
    /// <summary>What happens.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>Operation as in the OSS documentation, e.g. <c>UploadPart</c>; null for any.</summary>
    public string? Operation { get; init; }

    /// <summary>Bucket; null for any.</summary>
    public string? Bucket { get; init; }

    /// <summary>Object name, with <c>*</c> and <c>?</c> as wildcards (backslash escapes them); null for any request.</summary>
    public string? Key { get; init; }

    /// <summary>Part number; null for any request.</summary>
    public int? PartNumber { get; init; }

    /// <summary>Matching requests to let through first.</summary>
    public int Skip { get; init; }

    /// <summary>Hits before the rule is spent; null for no end.</summary>
    public int? Times { get; init; } = 1;

    /// <summary>Chance of each hit, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>Seed of that chance.</summary>
    public int Seed { get; init; }

    /// <summary>Status of <see cref="FaultKind.Error"/>.</summary>
    public int Status { get; init; } = 503;

    /// <summary>Error code of <see cref="FaultKind.Error"/>.</summary>
    public string Code { get; init; } = "ServiceUnavailable";

    /// <summary>Headers of <see cref="FaultKind.Error"/>, e.g. <c>x-oss-qos-delay-time</c> or <c>Retry-After</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Position in the body, in bytes.</summary>
    public long AfterBytes { get; init; }

    /// <summary>Length of <see cref="FaultKind.Latency"/>.</summary>
    public double LatencyMilliseconds { get; init; }

    /// <summary>Rate of <see cref="FaultKind.Bandwidth"/>.</summary>
    public long BytesPerSecond { get; init; }
}
