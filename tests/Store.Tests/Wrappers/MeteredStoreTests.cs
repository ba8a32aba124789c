using System.Diagnostics.Metrics;

namespace SyncAgent.Store.Tests;

public class MeteredStoreTests
{
    [Fact]
    public async Task Calls_bytes_errors_and_time_are_counted()
    {
        using var metrics = new StoreMetrics();
        using var seen = new Measurements(metrics);
        var inner = new ScriptedStore { Body = new byte[1000] };
        var store = new MeteredStore(inner, metrics, new ManualTime());

        await store.PutAsync("k", new BytesContent(new byte[30]), ObjectOptions.None, default);
        await store.UploadPartAsync("k", "U", 1, new BytesContent(new byte[12]), default);
        using (var body = await store.GetAsync("k", null, null, default)) await body.Content.CopyToAsync(Stream.Null);
        inner.Failures.Enqueue(new StoreException(StoreErrorKind.Throttled, "slow"));
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", new BytesContent(new byte[500]), ObjectOptions.None, default));
        inner.Failures.Enqueue(new OperationCanceledException());
        await Assert.ThrowsAsync<OperationCanceledException>(() => store.DeleteAsync("k", default));

        Assert.Equal(42, seen.Total("syncagent.store.sent"));
        Assert.Equal(1000, seen.Total("syncagent.store.received"));
        Assert.Equal(2, seen.Total("syncagent.store.calls", "call", "put"));
        Assert.Equal(1, seen.Total("syncagent.store.calls", "call", "delete"));
        Assert.Equal(5, seen.Total("syncagent.store.calls"));
        Assert.Equal(1, seen.Total("syncagent.store.errors", "kind", "Throttled"));
        Assert.Equal(1, seen.Total("syncagent.store.errors"));
        Assert.Equal(5, seen.Count("syncagent.store.duration"));
        Assert.Equal(new Dictionary<string, long> { ["put"] = 2, ["part"] = 1, ["get"] = 1, ["delete"] = 1 }, store.Traffic.Requests.ToDictionary());
        Assert.Equal(2000, store.Traffic.Received.BytesPerSecond); // within the shortest time that counts, half a second
    }

    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<(string Name, double Value, KeyValuePair<string, object?>[] Tags)> _all = [];

        public Measurements(StoreMetrics metrics)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == metrics.Calls.Meter) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((i, value, tags, _) => _all.Add((i.Name, value, tags.ToArray())));
            _listener.SetMeasurementEventCallback<double>((i, value, tags, _) => _all.Add((i.Name, value, tags.ToArray())));
            _listener.Start();
        }

        public double Total(string name, string? tag = null, string? value = null) => _all
            .Where(m => m.Name == name && (tag is null || m.Tags.Contains(new KeyValuePair<string, object?>(tag, value)))).Sum(m => m.Value);

        public int Count(string name) => _all.Count(m => m.Name == name);

        public void Dispose() => _listener.Dispose();
    }
}
