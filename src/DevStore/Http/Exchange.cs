using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace SyncAgent.DevStore;

/// <summary>One request on its way, and its line in the log.</summary>
internal sealed class Exchange
{
    private readonly RequestLog _log;
    private readonly long _sequence;
    private OssResponse? _decided;
    private bool _finished;

    public Exchange(HttpContext http, OssRequest request, Operation operation, RequestLog log, TimeProvider time, long idBase)
    {
        Http = http;
        Request = request;
        Operation = operation;
        Now = time.GetUtcNow();
        _log = log;
        _sequence = log.Begin(operation.Name);
        RequestId = string.Create(CultureInfo.InvariantCulture, $"{idBase:X8}{_sequence:X16}");
    }

    public HttpContext Http { get; }

    public OssRequest Request { get; }

    public Operation Operation { get; }

    public DateTimeOffset Now { get; }

    public string RequestId { get; }

    public long BytesOut { get; set; }

    public IReadOnlyList<FaultKind> Faults { get; set; } = [];

    public OssResponse Error(OssException error) =>
        OssResponse.Error(error, RequestId, Http.Request.Host.Value ?? "", Http.Request.Method == "HEAD");

    public void Decide(OssResponse response) => _decided = response;

    /// <summary>Writes the log entry, the first time it is called.</summary>
    public void Finish(bool replied)
    {
        if (_finished) return;
        _finished = true;
        _log.End(new RequestLogEntry
        {
            Sequence = _sequence,
            Time = Now,
            Operation = Operation.Name,
            Bucket = Request.BucketName,
            Key = Request.ObjectKey,
            UploadId = Request.UploadId ?? _decided?.NewUploadId,
            PartNumber = Request.PartNumber,
            Status = _decided?.Status ?? 0,
            Code = _decided?.ErrorCode,
            Replied = replied,
            BytesIn = Request.Body.BytesRead,
            BytesOut = BytesOut,
            RequestId = RequestId,
            Faults = Faults,
        });
    }
}
