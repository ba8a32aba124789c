namespace SyncAgent.DevStore;

/// <summary>
/// What clients have asked for. Single entries are kept up to a bound, sums (one per operation and per object name) for ever
/// and exactly. An entry is in the log
/// before the client can see the end of the answer, so a test may look as soon as its call has returned. Thread-safe.
/// </summary>
public sealed class RequestLog
{
    private readonly int _capacity;
    private readonly Lock _gate = new();
    private readonly Queue<RequestLogEntry> _entries = new();
    private readonly Dictionary<string, RequestTotals> _byOperation = [];
    private readonly Dictionary<(string? Bucket, string Key), RequestTotals> _byKey = [];
    private readonly Dictionary<string, int> _active = [];
    private readonly Dictionary<string, int> _peak = [];
    private readonly List<(Func<RequestLogEntry, bool> Wanted, TaskCompletionSource<RequestLogEntry> Seen)> _waiters = [];
    private int _activeRequests;
    private int _peakRequests;
    private long _sequence;

    internal RequestLog(int capacity) => _capacity = capacity;

    /// <summary>The latest entries, oldest first.</summary>
    public IReadOnlyList<RequestLogEntry> Entries
    {
        get
        {
            lock (_gate) return [.. _entries];
        }
    }

    /// <summary>Sums of one operation.</summary>
    public RequestTotals TotalsOf(string operation)
    {
        lock (_gate) return _byOperation.GetValueOrDefault(operation, RequestTotals.Zero);
    }

    /// <summary>Sums of all requests that name one object.</summary>
    public RequestTotals TotalsOfKey(string bucket, string key)
    {
        lock (_gate) return _byKey.GetValueOrDefault((bucket, key), RequestTotals.Zero);
    }

    /// <summary>Returns the first entry wanted, among those kept or, if there is none, those to come.</summary>
    public async Task<RequestLogEntry> WaitForAsync(Func<RequestLogEntry, bool> wanted, CancellationToken ct = default)
    {
        TaskCompletionSource<RequestLogEntry> seen;
        lock (_gate)
        {
            if (_entries.FirstOrDefault(wanted) is { } known) return known;
            seen = new TaskCompletionSource<RequestLogEntry>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((wanted, seen));
        }

        return await seen.Task.WaitAsync(ct);
    }

    /// <summary>Forgets entries, sums and peaks; the sequence goes on.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _byOperation.Clear();
            _byKey.Clear();
            _peak.Clear();
            _peakRequests = _activeRequests;
        }
    }

    internal long Begin(string operation)
    {
        lock (_gate)
        {
            _peakRequests = Math.Max(_peakRequests, ++_activeRequests);
            int active = _active[operation] = _active.GetValueOrDefault(operation) + 1;
            _peak[operation] = Math.Max(_peak.GetValueOrDefault(operation), active);
            return ++_sequence;
        }
    }

    internal void End(RequestLogEntry entry)
    {
        lock (_gate)
        {
            _activeRequests--;
            _active[entry.Operation]--;
            _entries.Enqueue(entry);
            if (_entries.Count > _capacity) _entries.Dequeue();
            _byOperation[entry.Operation] = _byOperation.GetValueOrDefault(entry.Operation, RequestTotals.Zero).Plus(entry);
            if (entry.Key is not null)
                _byKey[(entry.Bucket, entry.Key)] = _byKey.GetValueOrDefault((entry.Bucket, entry.Key), RequestTotals.Zero).Plus(entry);
            _waiters.RemoveAll(waiter => waiter.Wanted(entry) && waiter.Seen.TrySetResult(entry));
        }
    }

    internal DevStoreGauges Gauges(CatalogState state)
    {
        lock (_gate)
        {
            return new DevStoreGauges
            {
                ActiveRequests = _activeRequests,
                PeakActiveRequests = _peakRequests,
                PeakByOperation = new Dictionary<string, int>(_peak),
                Totals = new Dictionary<string, RequestTotals>(_byOperation),
                Objects = state.Buckets.Sum(b => (long)b.Objects.Count),
                ObjectBytes = state.Buckets.Sum(b => b.Bytes),
                OpenUploads = state.UploadCount,
            };
        }
    }
}
