using System.Collections.Concurrent;

namespace SyncAgent.Bench.Server;

/// <summary>All buckets, made when they are first named, and what the requests were.</summary>
internal sealed class Store
{
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _requests = new(StringComparer.Ordinal);
    private readonly Random _random = new(1);
    private readonly Lock _lock = new();
    private long _received;

    public Link Link { get; } = new();

    /// <summary>Of a thousand requests so many are answered with 503.</summary>
    public int FaultsPerMille { get; set; }

    /// <summary>Whether every request is answered with 503: the store is away.</summary>
    public bool IsAway { get; set; }

    /// <summary>Requests by operation.</summary>
    public IReadOnlyDictionary<string, long> Requests => _requests;

    /// <summary>Bytes of all bodies that came.</summary>
    public long Received => Interlocked.Read(ref _received);

    public Bucket this[string name] => _buckets.GetOrAdd(name, _ => new Bucket());

    public void Drop(string name) => _buckets.TryRemove(name, out _);

    /// <summary>Counts a request.</summary>
    /// <returns>Whether it is to fail.</returns>
    public bool Count(string operation, long bytes)
    {
        _requests.AddOrUpdate(operation, 1, (_, count) => count + 1);
        Interlocked.Add(ref _received, bytes);
        if (IsAway) return true;
        if (FaultsPerMille == 0) return false;
        lock (_lock) return _random.Next(1000) < FaultsPerMille;
    }
}
