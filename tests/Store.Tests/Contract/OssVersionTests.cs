using SyncAgent.DevStore;

namespace SyncAgent.Store.Tests;

/// <summary>A bucket that keeps every version.</summary>
public sealed class OssVersionTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("syncagent-versions-").FullName;
    private DevStoreServer? _server;
    private OssObjectStore? _store;

    private OssObjectStore Store => _store!;

    public async ValueTask InitializeAsync()
    {
        _server = await DevStoreServer.StartAsync(new DevStoreOptions
        {
            RootDirectory = _folder, Credentials = [new DevStoreCredential("ak", "sk")], VersionedBuckets = ["bucket"], DurableWrites = false,
        });
        _store = OssClient.For(_server.Endpoint.GetLeftPart(UriPartial.Authority));
    }

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_bucket_that_has_named_a_version_is_not_trusted_to_refuse_overwriting()
    {
        Assert.True(Store.Capabilities.ForbidOverwrite);
        await Store.PutAsync("o", new BytesContent([1]), ObjectOptions.None, default);
        Assert.False(Store.Capabilities.ForbidOverwrite);
    }

    [Fact]
    public async Task Each_put_complete_and_copy_is_a_version_of_its_own_and_head_names_the_latest()
    {
        var put = await Store.PutAsync("o", new BytesContent([1]), ObjectOptions.None, default);
        await AssertLatestAsync(put);

        var again = await Store.PutAsync("o", new BytesContent([2]), ObjectOptions.None, default);
        await AssertLatestAsync(again);

        var id = await Store.InitiateMultipartAsync("o", ObjectOptions.None, default);
        var part = await Store.UploadPartAsync("o", id, 1, new BytesContent([3]), default);
        var complete = await Store.CompleteMultipartAsync("o", id, [new(1, part.ETag)], ObjectOptions.None, default);
        await AssertLatestAsync(complete);

        var copy = await Store.CopyAsync("o", complete.ETag, "o", true, ObjectOptions.None, default);
        await AssertLatestAsync(copy);
        Assert.Equal(4, new[] { put, again, complete, copy }.Select(s => s.VersionId).Distinct().Count());
    }

    [Fact]
    public async Task What_was_deleted_is_gone_for_head_get_and_listing_and_may_come_back()
    {
        await Store.PutAsync("o", new BytesContent([1]), ObjectOptions.None, default);
        await Store.DeleteAsync("o", default);
        Assert.Null(await Store.HeadAsync("o", default));
        Assert.Equal(StoreErrorKind.NotFound, (await Assert.ThrowsAsync<StoreException>(() => Store.GetAsync("o", null, null, default))).Kind);
        Assert.Empty((await Store.ListAsync(new ListRequest(""), default)).Objects);
        await AssertLatestAsync(await Store.PutAsync("o", new BytesContent([2]), ObjectOptions.None, default));
        Assert.Single((await Store.ListAsync(new ListRequest(""), default)).Objects);
    }

    // Documented for PutObject: with versioning the header has no effect. Whoever relies on it must look first.
    [Fact]
    public async Task Create_only_does_not_hold_where_versions_are_kept()
    {
        var createOnly = new ObjectOptions { ForbidOverwrite = true };
        var first = await Store.PutAsync("o", new BytesContent([1]), createOnly, default);
        var second = await Store.PutAsync("o", new BytesContent([2]), createOnly, default);
        Assert.NotEqual(first.VersionId, second.VersionId);
    }

    private async Task AssertLatestAsync(StoredObject stored)
    {
        var info = (await Store.HeadAsync("o", default))!;
        Assert.NotNull(stored.VersionId);
        Assert.Equal((stored.VersionId, stored.ETag), (info.VersionId, info.ETag));
    }
}
