namespace SyncAgent.DevStore;

/// <summary>One finished request.</summary>
public sealed record RequestLogEntry
{
    /// <summary>1 for the first request that arrived, and so on; entries are logged in the order in which they end.</summary>
    public required long Sequence { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Operation as in the OSS documentation; <c>Unknown</c> if it could not be told.</summary>
    public required string Operation { get; init; }

    /// <summary>Bucket, if the request names one.</summary>
    public string? Bucket { get; init; }

    /// <summary>Object name, if the request names one.</summary>
    public string? Key { get; init; }

    /// <summary>Multipart upload; for InitiateMultipartUpload the new one.</summary>
    public string? UploadId { get; init; }

    /// <summary>Part number, if the request names one.</summary>
    public int? PartNumber { get; init; }

    /// <summary>HTTP status decided, 0 when the connection ended before one was.</summary>
    public int Status { get; init; }

    /// <summary>OSS error code.</summary>
    public string? Code { get; init; }

    /// <summary>False when the answer was withheld by a fault or the connection was gone.</summary>
    public bool Replied { get; init; }

    /// <summary>Body bytes received.</summary>
    public long BytesIn { get; init; }

    /// <summary>Body bytes of the answer.</summary>
    public long BytesOut { get; init; }

    /// <summary>As in the header x-oss-request-id.</summary>
    public required string RequestId { get; init; }

    /// <summary>Faults that hit it.</summary>
    public IReadOnlyList<FaultKind> Faults { get; init; } = [];
}

/// <summary>Exact sums over all requests of one kind.</summary>
/// <param name="Count">Requests ended.</param>
/// <param name="Failed">Those with a status of 400 or more, or none.</param>
/// <param name="BytesIn">Body bytes received.</param>
/// <param name="BytesOut">Body bytes sent.</param>
public sealed record RequestTotals(long Count, long Failed, long BytesIn, long BytesOut)
{
    internal static RequestTotals Zero { get; } = new(0, 0, 0, 0);

    internal RequestTotals Plus(RequestLogEntry entry) => new(
        Count + 1,
        Failed + (entry.Status is 0 or >= 400 ? 1 : 0),
        BytesIn + entry.BytesIn,
        BytesOut + entry.BytesOut);
}

/// <summary>What is going on, and how much there is.</summary>
public sealed record DevStoreGauges
{
    /// <summary>Requests running now.</summary>
    public required int ActiveRequests { get; init; }

    /// <summary>Most requests that ever ran at once.</summary>
    public required int PeakActiveRequests { get; init; }

    /// <summary>Most requests that ever ran at once, by operation.</summary>
    public required IReadOnlyDictionary<string, int> PeakByOperation { get; init; }

    /// <summary>Exact sums by operation.</summary>
    public required IReadOnlyDictionary<string, RequestTotals> Totals { get; init; }

    /// <summary>Objects in all buckets.</summary>
    public required long Objects { get; init; }

    /// <summary>Bytes in those objects.</summary>
    public required long ObjectBytes { get; init; }

    /// <summary>Multipart uploads begun and neither completed nor aborted.</summary>
    public required int OpenUploads { get; init; }
}
