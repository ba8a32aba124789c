using System.Collections.Concurrent;

namespace SyncAgent.Store;

/// <summary>What crosses the network now, and how many requests of each kind there were: they cost money.</summary>
/// <param name="time">Clock of the rates.</param>
public sealed class StoreTraffic(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, long> _requests = new(StringComparer.Ordinal);

    /// <summary>Bytes of objects and parts that are being sent.</summary>
    public RateMeter Sent { get; } = new(time);

    /// <summary>Bytes of objects that are being received.</summary>
    public RateMeter Received { get; } = new(time);

    /// <summary>Attempts since the start, by the call that made them, well ended or not.</summary>
    public IReadOnlyDictionary<string, long> Requests => _requests;

    internal void Count(string call) => _requests.AddOrUpdate(call, 1, static (_, count) => count + 1);
}
