using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Direct;

/// <summary>A store with everything around it: the client and its keys, its measurements, its bandwidth, its retries.</summary>
internal sealed class StoreAccess : IDisposable
{
    private readonly CredentialsChain _credentials;
    private readonly IDisposable _client;
    private readonly BandwidthControl _ownBandwidth;
    private readonly StoreMetrics? _ownMetrics;

    /// <summary>Makes the chain. Nothing is sent yet.</summary>
    /// <param name="target">Where the bucket is, and where its keys come from.</param>
    /// <param name="environment">Keys of the environment, asked when the target's source needs them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onRepeat">Called with the failure of each attempt that is made again, or null.</param>
    /// <param name="shared">What the whole process may send and receive, or null.</param>
    /// <param name="own">What this target may of that; null for the target's own limits.</param>
    /// <param name="loggers">Told of what goes wrong behind the requests, or null.</param>
    /// <param name="metrics">Told how long requests take; it stays the caller's. Null where nobody looks.</param>
    /// <param name="tag">Says in these times whose store it is, or null.</param>
    public StoreAccess(
        TargetSettings target, ICredentialsProvider environment, TimeProvider time, Action<StoreException>? onRepeat = null,
        BandwidthControl? shared = null, BandwidthTimetable? own = null, ILoggerFactory? loggers = null,
        StoreMetrics? metrics = null, KeyValuePair<string, object?>? tag = null)
    {
        _credentials = new CredentialsChain(target, environment, time, loggers);
        IObjectStore client = target.Store == TargetSettings.S3
            ? S3ObjectStore.Create(target.ToS3Options(), _credentials.Provider, time)
            : OssObjectStore.Create(target.ToOssOptions(), _credentials.Provider, time);
        _client = (IDisposable)client;
        if (CrashPoints.IsArmed) client = new CrashPointStore(client);
        _ownBandwidth = new BandwidthControl(time, own ?? new BandwidthTimetable(target.Limits, []));
        // The jitter only spreads repeats of many machines: its seed may be anything that differs between them.
        var random = new Random(HashCode.Combine(Environment.ProcessId, Environment.MachineName, time.GetTimestamp()));
        var metered = new MeteredStore(client, metrics ?? (_ownMetrics = new StoreMetrics()), time, tag);
        var traffic = Traffic = metered.Traffic;
        IObjectStore store = new ThrottledStore(metered, _ownBandwidth.Upload, _ownBandwidth.Download);
        if (shared is not null) store = new ThrottledStore(store, shared.Upload, shared.Download);
        Store = new RetryingStore(
            store,
            new RetryOptions(), time, random, loggers?.CreateLogger<RetryingStore>(), failure =>
            {
                traffic.CountRepeat();
                onRepeat?.Invoke(failure);
            });
    }

    /// <summary>The outermost store.</summary>
    public IObjectStore Store { get; }

    /// <summary>What crosses the network now.</summary>
    public StoreTraffic Traffic { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _credentials.Dispose();
        _ownBandwidth.Dispose();
        _ownMetrics?.Dispose();
    }
}
