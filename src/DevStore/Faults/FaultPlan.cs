using System.IO.Enumeration;

namespace SyncAgent.DevStore;

/// <summary>The faults that a server has been told to make. Thread-safe; changes count from the next request on.</summary>
public sealed class FaultPlan
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private List<PlannedFault> _rules = [];
    private Throttle? _server;
    private long _serverRate;

    internal FaultPlan(TimeProvider time) => _time = time;

    /// <summary>Limit shared by all requests, both ways, in bytes per second; 0 for none.</summary>
    public long ServerBytesPerSecond
    {
        get
        {
            lock (_gate) return _serverRate;
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            lock (_gate)
            {
                _serverRate = value;
                _server = value == 0 ? null : new Throttle(value, _time);
            }
        }
    }

    /// <summary>The rules, in the order added, spent ones included.</summary>
    public IReadOnlyList<PlannedFault> Rules
    {
        get
        {
            lock (_gate) return [.. _rules];
        }
    }

    /// <summary>Adds a rule and returns the handle that counts its hits.</summary>
    public PlannedFault Add(FaultRule rule)
    {
        var planned = new PlannedFault(rule);
        lock (_gate) _rules.Add(planned);
        return planned;
    }

    /// <summary>Takes one rule out; requests that it has hit stay hit.</summary>
    public void Remove(PlannedFault fault)
    {
        lock (_gate) _rules.Remove(fault);
    }

    /// <summary>Takes all rules and the server's bandwidth limit away.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules = [];
            _serverRate = 0;
            _server = null;
        }
    }

    internal RequestFaults Draw(string operation, OssRequest request)
    {
        lock (_gate)
        {
            if (_rules.Count == 0 && _server is null) return RequestFaults.None;
            List<FaultRule> hits = [];
            foreach (PlannedFault fault in _rules)
            {
                if (fault.Draws(operation, request)) hits.Add(fault.Rule);
            }

            return new RequestFaults(hits, _server, _time) { HitsAnswer = request.Body.ContentLength == 0 };
        }
    }
}

/// <summary>A rule in force, with what it has done so far.</summary>
public sealed class PlannedFault
{
    private readonly Random _chance;
    private readonly Lock _gate = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];
    private int _seen;
    private int _hits;

    internal PlannedFault(FaultRule rule)
    {
        Rule = rule;
        _chance = new Random(rule.Seed);
    }

    /// <summary>The rule.</summary>
    public FaultRule Rule { get; }

    /// <summary>Requests hit so far.</summary>
    public int Hits => Volatile.Read(ref _hits);

    /// <summary>Returns once the rule has hit this many requests (the request may still be running).</summary>
    public async Task WaitForHitsAsync(int count = 1, CancellationToken ct = default)
    {
        TaskCompletionSource reached;
        lock (_gate)
        {
            if (_hits >= count) return;
            reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
        }

        await reached.Task.WaitAsync(ct);
    }

    internal bool Draws(string operation, OssRequest request)
    {
        if (!Matches(operation, request)) return false;
        lock (_gate)
        {
            if (_seen++ < Rule.Skip || _hits >= (Rule.Times ?? int.MaxValue)) return false;
            if (Rule.Probability < 1 && _chance.NextDouble() >= Rule.Probability) return false;
            _hits++;
            foreach ((int count, TaskCompletionSource reached) in _waiters)
            {
                if (_hits >= count) reached.TrySetResult();
            }

            return true;
        }
    }

    private bool Matches(string operation, OssRequest request) =>
        (Rule.Operation is null || Rule.Operation.Equals(operation, StringComparison.OrdinalIgnoreCase))
        && (Rule.Bucket is null || Rule.Bucket == request.BucketName)
        && (Rule.Key is null || (request.ObjectKey is { } key && FileSystemName.MatchesSimpleExpression(Rule.Key, key, ignoreCase: false)))
        && (Rule.PartNumber is null || Rule.PartNumber == request.PartNumber);
}
