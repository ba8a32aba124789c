using SyncAgent.DevStore;

namespace SyncAgent.Store.Tests;

/// <summary>A token that ends in the middle of an upload costs one refused request and no part.</summary>
public sealed class ExpiryDuringUploadTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-expiry-").FullName;
    private readonly ManualTime _time = new();
    private DevStoreServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await DevStoreServer.StartAsync(new DevStoreOptions
    {
        RootDirectory = _folder,
        Credentials =
        [
            new DevStoreCredential("a", "secret-a", "token-a", _time.GetUtcNow().AddMinutes(10)),
            new DevStoreCredential("b", "secret-b", "token-b", _time.GetUtcNow().AddMinutes(70)),
        ],
        CreateBuckets = ["bucket"],
        TimeProvider = _time,
        DurableWrites = false,
    });

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_upload_goes_on()
    {
        var source = new ScriptedSource();
        using var provider = new RefreshingCredentials(source, _time);
        using var store = OssObjectStore.Create(
            OssClient.Options(_server.Endpoint.GetLeftPart(UriPartial.Authority)), provider, _time);
        var bytes = new byte[3 * 102_400];
        new Random(1).NextBytes(bytes);

        var initiating = store.InitiateMultipartAsync("k", ObjectOptions.None, default);
        // The source believes that they hold for longer than the store does, so only a refusal can tell.
        (await source.NextAsync()).SetResult(ScriptedSource.Key("a", _time.GetUtcNow().AddHours(1)));
        var upload = await initiating;
        var parts = new List<PartReference> { await PartAsync(store, upload, bytes, 1) };
        _time.Advance(TimeSpan.FromMinutes(11));

        var second = PartAsync(store, upload, bytes, 2);
        (await source.NextAsync()).SetResult(ScriptedSource.Key("b", _time.GetUtcNow().AddHours(1)));
        parts.Add(await second);
        parts.Add(await PartAsync(store, upload, bytes, 3));
        var done = await store.CompleteMultipartAsync("k", upload, parts, ObjectOptions.None, default);

        Assert.Equal(Crc64.Append(0, bytes), done.Crc64);
        Assert.Equal(2, source.Fetches);
        // Initiate, parts 1, 2 (refused), 2, 3, Complete.
        Assert.Equal([200, 200, 403, 200, 200, 200], _server.Log.Entries.Select(r => r.Status));
    }

    private static async Task<PartReference> PartAsync(OssObjectStore store, string upload, byte[] bytes, int number) => new(
        number, (await store.UploadPartAsync("k", upload, number, new BytesContent(bytes.AsSpan((number - 1) * 102_400, 102_400).ToArray()), default)).ETag);
}
