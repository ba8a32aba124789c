using System.Text.Json;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.DevStore;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>put, get and ls against the real development store.</summary>
public sealed class DirectTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Support.Cli _cli = new();
    private DevStoreServer _server = null!;

    private string[] Target => ["--endpoint", _server.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", "demo"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await DevStoreServer.StartAsync(
        new DevStoreOptions
        {
            RootDirectory = _folder.At("store"), CreateBuckets = ["demo"], Credentials = [new DevStoreCredential("id", "secret")], DurableWrites = false,
        },
        Stop);

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData((20 << 20) + 1)]
    public async Task What_was_put_is_listed_and_comes_back(int size)
    {
        var file = Write("source", size);
        Assert.Equal(0, await _cli.RunAsync(["put", file, "a/b", "--prefix", "p", "--json", .. Target]));
        var put = JsonDocument.Parse(_cli.Out).RootElement;
        Assert.Equal(size, put.GetProperty("size").GetInt64());

        Assert.Equal(0, await _cli.RunAsync(["ls", "a/", "--prefix", "p", "--json", .. Target]));
        Assert.Equal("a/b", JsonDocument.Parse(_cli.Out).RootElement.GetProperty("key").GetString());
        Assert.Equal(["p/a/b"], _server.ListKeys("demo"));

        Assert.Equal(0, await _cli.RunAsync(["get", "p/a/b", _folder.At("back"), .. Target]));
        Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(_folder.At("back"))));
        Assert.Empty(_server.OpenUploads("demo"));
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_broke()
    {
        var file = Write("source", 3 << 20);
        Assert.Equal(0, await _cli.RunAsync(["put", file, "k", .. Target]));
        _server.Faults.Add(new FaultRule { Kind = FaultKind.ResetMidBody, Operation = "GetObject", AfterBytes = 1 << 20 });

        Assert.Equal(0, await _cli.RunAsync(["get", "k", _folder.At("back"), .. Target]));

        Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(_folder.At("back"))));
        Assert.Equal(2, _server.Log.TotalsOf("GetObject").Count);
    }

    [Fact]
    public async Task A_missing_object_leaves_no_file()
    {
        Assert.Equal(1, await _cli.RunAsync(["get", "nothing", _folder.At("back"), .. Target]));
        Assert.Equal([_folder.At("store")], Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_refused_key_says_what_to_do()
    {
        _cli.Environment["OSS_ACCESS_KEY_SECRET"] = "wrong";
        Assert.Equal(1, await _cli.RunAsync(["ls", .. Target]));
        Assert.Contains("Check the access key id", _cli.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(20 << 20)]
    public async Task A_file_that_changes_under_way_is_sent_again_from_the_start(int size)
    {
        var file = Write("source", size);
        using var access = Access();
        var changes = 0;
        var expected = TestDrive.Bytes(size, 2);
        var put = new FilePut(access.Store, _ =>
        {
            if (Interlocked.Increment(ref changes) != 1) return;
            File.WriteAllBytes(file, expected);
        });

        await put.SendAsync(file, "k", Stop);

        using var stored = _server.ReadObject("demo", "k")!;
        Assert.Empty(_server.OpenUploads("demo"));
        // A small file is in memory, whole and proved, before its first byte is reported.
        Assert.Equal(Crc64.Compute(size > FilePut.MaxSinglePut ? expected : TestDrive.Bytes(size, 1)), stored.Crc64);
    }

    [Fact]
    public async Task A_file_that_never_rests_is_given_up_and_nothing_is_left()
    {
        var file = Write("source", 20 << 20);
        using var access = Access();
        var put = new FilePut(access.Store, bytes =>
        {
            if (bytes > 0) File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        });
        var error = await Assert.ThrowsAsync<Agent.Cli.CommandException>(() => put.SendAsync(file, "k", Stop));
        Assert.Contains("changed during each", error.Message, StringComparison.Ordinal);
        Assert.Empty(_server.ListKeys("demo"));
        Assert.Empty(_server.OpenUploads("demo"));
    }

    [Fact]
    public async Task An_upload_that_is_stopped_is_aborted()
    {
        var file = Write("source", 20 << 20);
        using var access = Access();
        using var stop = new CancellationTokenSource();
        var put = new FilePut(access.Store, _ => stop.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put.SendAsync(file, "k", stop.Token));
        Assert.Empty(_server.OpenUploads("demo"));
        Assert.Equal(1, _server.Log.TotalsOf("AbortMultipartUpload").Count);
    }

    private StoreAccess Access() => new(
        new Agent.Configuration.TargetSettings(
            "oss", _server.Endpoint.GetLeftPart(UriPartial.Authority), "cn-hangzhou", "demo", "", OssAddressing.Auto, false),
        TestAgent.Keys, TimeProvider.System);

    private string Write(string name, int size)
    {
        File.WriteAllBytes(_folder.At(name), TestDrive.Bytes(size, 1));
        return _folder.At(name);
    }
}
