using SyncAgent.DevStore;

namespace SyncAgent.Store.Tests;

/// <summary>Held back to a trickle, over the wire: no time-out, every byte, and as long as it must take.</summary>
public sealed class ThrottledStoreTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-slow-").FullName;
    private readonly ManualTime _time = new();
    private DevStoreServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await DevStoreServer.StartAsync(new DevStoreOptions
    {
        RootDirectory = _folder,
        Credentials = [new DevStoreCredential("ak", "sk")],
        CreateBuckets = ["bucket"],
        DurableWrites = false,
        TimeProvider = _time,
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Ten_kilobytes_a_second_are_no_stall()
    {
        using var client = OssObjectStore.Create(
            OssClient.Options(_server.Endpoint.GetLeftPart(UriPartial.Authority)) with { Connection = new() { StallTimeout = TimeSpan.FromSeconds(1) } },
            new StaticCredentials(new StoreCredentials("ak", "sk")), _time);
        using var control = new BandwidthControl(_time, new BandwidthTimetable(new BandwidthLimits(10_000, 10_000), []));
        var store = new ThrottledStore(client, control.Upload, control.Download);
        var bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);

        var begun = _time.GetUtcNow();
        var put = await RunAsync(store.PutAsync("k", new BytesContent(bytes), ObjectOptions.None, default), control.Upload);
        Assert.Equal(Crc64.Append(0, bytes), put.Crc64);
        // 64 KiB at once, the rest at the rate.
        Assert.InRange((_time.GetUtcNow() - begun).TotalSeconds, 13.3, 14.5);

        begun = _time.GetUtcNow();
        using var body = await store.GetAsync("k", null, null, default);
        using var read = new MemoryStream();
        await RunAsync(CopyAsync(body.Content, read), control.Download);
        Assert.Equal(bytes, read.ToArray());
        Assert.InRange((_time.GetUtcNow() - begun).TotalSeconds, 13.3, 14.5);
    }

    private static async Task<bool> CopyAsync(Stream from, Stream to)
    {
        await from.CopyToAsync(to);
        return true;
    }

    // The clock moves only while somebody waits for the limiter; the rest takes real, unmeasured time.
    private async Task<T> RunAsync<T>(Task<T> running, BandwidthLimiter limiter)
    {
        while (!running.IsCompleted)
        {
            if (limiter.Waiting > 0) _time.Advance(TimeSpan.FromMilliseconds(10));
            else await Task.Yield();
        }

        return await running;
    }
}
