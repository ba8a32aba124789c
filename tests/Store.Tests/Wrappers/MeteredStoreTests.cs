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

        Assert.Equal(["delete", "get", "part", "put", "put"], seen.Calls.Order(StringComparer.Ordinal));
        Assert.Equal(1000, store.Traffic.Received.Total);
        Assert.Equal(
            new Dictionary<(string, string), long>
            {
                [("put", "ok")] = 1, [("put", "throttled")] = 1, [("part", "ok")] = 1, [("get", "ok")] = 1, [("delete", "cancelled")] = 1,
            },
            store.Traffic.Attempts.ToDictionary());
        Assert.Equal(new Dictionary<string, long> { ["put"] = 2, ["part"] = 1, ["get"] = 1, ["delete"] = 1 }, store.Traffic.Requests.ToDictionary());
        Assert.Equal(2000, store.Traffic.Received.BytesPerSecond); // within the shortest time that counts, half a second
    }

    private sealed class Measurements : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _calls = [];

        public Measurements(StoreMetrics metrics)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument == metrics.Duration) listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => _calls.AddRange(tags.ToArray().Where(tag => tag.Key == "call").Select(tag => (string)tag.Value!)));
            _listener.Start();
        }

        public IReadOnlyList<string> Calls => _calls;

        public void Dispose() => _listener.Dispose();
    }
}
