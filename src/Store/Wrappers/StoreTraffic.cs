using System.Collections.Concurrent;
using System.Text.Json;

namespace SyncAgent.Store;

/// <summary>What crosses the network now, and how many requests of each kind there were: they cost money.</summary>
/// <param name="time">Clock of the rates.</param>
public sealed class StoreTraffic(TimeProvider time)
{
    /// <summary>The outcome of a request that did what it should.</summary>
    public const string Ok = "ok";

    /// <summary>The outcome of a request that was given up on this side.</summary>
    public const string Cancelled = "cancelled";

    private static readonly Dictionary<StoreErrorKind, string> Words =
        Enum.GetValues<StoreErrorKind>().ToDictionary(kind => kind, kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()));

    private readonly ConcurrentDictionary<(string Call, string Outcome), long> _attempts = new();
    private long _repeats;
    private long _brokenBodies;

    /// <summary>Bytes of objects and parts that are being sent.</summary>
    public RateMeter Sent { get; } = new(time);

    /// <summary>Bytes of objects that are being received.</summary>
    public RateMeter Received { get; } = new(time);

    /// <summary>Attempts since the start, by the call that made them, and by how they ended: <see cref="Ok"/>, <see cref="Cancelled"/>, or a
    /// <see cref="StoreErrorKind"/> in lower case with underscores.</summary>
    public IReadOnlyDictionary<(string Call, string Outcome), long> Attempts => _attempts;

    /// <summary>Attempts since the start, by the call that made them, well ended or not.</summary>
    public IReadOnlyDictionary<string, long> Requests => _attempts.GroupBy(pair => pair.Key.Call, StringComparer.Ordinal)
        .ToDictionary(call => call.Key, call => call.Sum(pair => pair.Value), StringComparer.Ordinal);

    /// <summary>Attempts that failed for a passing reason and were made again at once.</summary>
    public long Repeats => Interlocked.Read(ref _repeats);

    /// <summary>Bodies that broke off while they were received.</summary>
    public long BrokenBodies => Interlocked.Read(ref _brokenBodies);

    /// <summary>Counts an attempt that is made again.</summary>
    public void CountRepeat() => Interlocked.Increment(ref _repeats);

    internal static string WordOf(StoreErrorKind kind) => Words[kind];

    internal void Count(string call, string outcome) => _attempts.AddOrUpdate((call, outcome), 1, static (_, count) => count + 1);

    internal void CountBrokenBody() => Interlocked.Increment(ref _brokenBodies);
}
