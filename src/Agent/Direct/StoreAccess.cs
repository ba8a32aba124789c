using SyncAgent.Agent.Configuration;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>A store with everything around it: the client, its measurements, its retries.</summary>
internal sealed class StoreAccess : IDisposable
{
    private readonly OssObjectStore _client;
    private readonly StoreMetrics _metrics = new();

    /// <summary>Makes the chain. Nothing is sent yet.</summary>
    /// <param name="target">Where the bucket is.</param>
    /// <param name="credentials">Asked before each request.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onRepeat">Called with the failure of each attempt that is made again, or null.</param>
    public StoreAccess(TargetSettings target, ICredentialsProvider credentials, TimeProvider time, Action<StoreException>? onRepeat = null)
    {
        _client = OssObjectStore.Create(target.ToStoreOptions(), credentials, time);
        // The jitter only spreads repeats of many machines: its seed may be anything that differs between them.
        var random = new Random(HashCode.Combine(Environment.ProcessId, Environment.MachineName, time.GetTimestamp()));
        Store = new RetryingStore(new MeteredStore(_client, _metrics, time), new RetryOptions(), time, random, onRepeat: onRepeat);
    }

    /// <summary>The outermost store.</summary>
    public IObjectStore Store { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _metrics.Dispose();
    }
}
