using SyncAgent.DevStore;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Files outside a drive arrive as they are, as they were asked to, or not at all.</summary>
public sealed class FileUploadTests : IAsyncLifetime
{
    private const int Part = UploadRig.Part;

    private UploadRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await UploadRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(UploadRig.Threshold, 4)]
    [InlineData(UploadRig.Threshold + 1, 1)]
    [InlineData(UploadRig.Threshold + 1, 4)]
    [InlineData((20 * Part) + 123, 1)]
    [InlineData((20 * Part) + 123, 4)]
    public async Task A_file_arrives(int size, int parallel)
    {
        var path = _rig.MakeFile("file", size, size);
        var options = _rig.Options with { Transfer = _rig.Options.Transfer with { ParallelParts = parallel } };
        var receipt = await _rig.Uploader(options).UploadAsync(path, "ä + 文/k", cancellationToken: default);
        var stored = _rig.CheckObject("ä + 文/k", path);
        Assert.Equal(size > UploadRig.Threshold, stored.IsMultipart);
        Assert.Equal(
            new FileReceipt("ä + 文/k", size, stored.ETag, stored.Crc64!.Value, true, null, size, null, false), receipt);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
        Assert.Empty(Directory.EnumerateFiles(_rig.Checkpoints));
        Assert.InRange(_rig.Server.Gauges.PeakByOperation.GetValueOrDefault("UploadPart"), 0, parallel);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5 * Part)]
    public async Task Options_reach_the_object(int size)
    {
        var path = _rig.MakeFile("file", size, 1);
        var options = new ObjectOptions
        {
            ContentType = "text/x-test", CacheControl = "max-age=60", ContentDisposition = "attachment; filename=a", ContentEncoding = "identity",
            Metadata = new Dictionary<string, string> { ["who"] = "me" }, Tags = new Dictionary<string, string> { ["colour"] = "green + blue" },
            StorageClass = "IA", Acl = "public-read", Encryption = new ServerSideEncryption("AES256"),
        };
        await _rig.Uploader().UploadAsync(path, "k", options, cancellationToken: default);
        var stored = _rig.CheckObject("k", path);
        Assert.Equal(("text/x-test", "IA", "public-read"), (stored.ContentType, stored.StorageClass, stored.Acl));
        Assert.Equal("green + blue", stored.Tags["colour"]);
        Assert.Equal(
            ("max-age=60", "attachment; filename=a", "identity", "me", "AES256"),
            (stored.Headers["cache-control"], stored.Headers["content-disposition"], stored.Headers["content-encoding"], stored.Headers["x-oss-meta-who"],
                stored.Headers["x-oss-server-side-encryption"]));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5 * Part)]
    public async Task What_may_not_be_overwritten_is_not_and_nothing_is_sent(int size)
    {
        var first = _rig.MakeFile("first", size, 1);
        var options = new ObjectOptions { ForbidOverwrite = true };
        await _rig.Uploader().UploadAsync(first, "k", options, cancellationToken: default);
        _rig.Server.Log.Clear();
        var second = _rig.MakeFile("second", size, 2);
        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(second, "k", options, cancellationToken: default));
        Assert.Equal(StoreErrorKind.AlreadyExists, error.Kind);
        Assert.Equal(["HeadObject"], _rig.Server.Log.Entries.Select(entry => entry.Operation));
        _rig.CheckObject("k", first);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    [Fact]
    public async Task A_missing_file_or_a_folder_is_told()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => _rig.Uploader().UploadAsync(Path.Combine(_rig.Folder, "none"), "k", cancellationToken: default));
        await Assert.ThrowsAsync<FileNotFoundException>(() => _rig.Uploader().UploadAsync(_rig.Folder, "k", cancellationToken: default));
        Assert.Empty(_rig.Server.Log.Entries);
        Assert.Empty(Directory.EnumerateFiles(_rig.Checkpoints));
    }

    [Fact]
    public async Task A_file_larger_than_the_store_takes_is_refused_before_any_request()
    {
        var store = new FakeObjectStore(TimeProvider.System);
        store.Capabilities = store.Capabilities with { MaxObjectSize = 1000 };
        var uploader = new FileUploader(store, _rig.Options);
        var error = await Assert.ThrowsAsync<StoreException>(() => uploader.UploadAsync(_rig.MakeFile("large", 1001, 1), "k", cancellationToken: default));
        Assert.Equal(StoreErrorKind.TooLarge, error.Kind);
        Assert.Contains("1001 bytes and the store takes at most 1000", error.Message, StringComparison.Ordinal);
        Assert.Empty(store.Calls);
        await uploader.UploadAsync(_rig.MakeFile("fits", 1000, 1), "k", cancellationToken: default);
        Assert.Equal(["Put"], store.Calls.Select(call => call.Operation));
    }

    [Fact]
    public async Task A_sparse_file_beyond_the_limit_of_OSS_is_refused_before_any_request()
    {
        var path = Path.Combine(_rig.Folder, "sparse");
        try
        {
            await using var file = File.Create(path);
            file.SetLength(49L << 40);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            Assert.Skip($"this file system takes no file of 49 TiB: {e.Message}");
        }

        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", cancellationToken: default));
        Assert.Equal(StoreErrorKind.TooLarge, error.Kind);
        Assert.Empty(_rig.Server.Log.Entries);
    }

    [Fact]
    public async Task A_pause_holds_parts_and_a_resumption_lets_them_go()
    {
        var path = _rig.MakeFile("file", 8 * Part, 3);
        var pause = new TransferPause();
        var hold = _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Latency, Operation = "UploadPart", PartNumber = 1, LatencyMilliseconds = 100 });
        var options = _rig.Options with { Transfer = _rig.Options.Transfer with { ParallelParts = 1 } };
        var running = _rig.Uploader(options, pause).UploadAsync(path, "k", cancellationToken: default);
        await hold.WaitForHitsAsync(1, default).WaitAsync(UploadRig.Watchdog);
        pause.Pause(); // while part 1 is on its way
        await _rig.PartArrivedAsync(1);
        await Pump();
        Assert.Equal([1], _rig.PartsSent);
        Assert.False(running.IsCompleted);
        pause.Resume();
        await running.WaitAsync(UploadRig.Watchdog);
        _rig.CheckObject("k", path);
    }

    [Fact]
    public async Task A_pause_holds_small_files_too()
    {
        var path = _rig.MakeFile("file", 100, 3);
        var pause = new TransferPause();
        pause.Pause();
        var running = _rig.Uploader(pause: pause).UploadAsync(path, "k", cancellationToken: default);
        await Pump();
        Assert.Equal((0, false), (_rig.Server.Log.Entries.Count, running.IsCompleted));
        pause.Resume();
        await running.WaitAsync(UploadRig.Watchdog);
        _rig.CheckObject("k", path);
    }

    [Fact]
    public async Task Two_of_the_same_file_and_key_are_one_too_many()
    {
        var path = _rig.MakeFile("file", 8 * Part, 3);
        using var cancel = new CancellationTokenSource();
        var hang = _rig.Hang(3);
        var first = _rig.Uploader().UploadAsync(path, "k", cancellationToken: cancel.Token);
        await hang.WaitForHitsAsync(1, default).WaitAsync(UploadRig.Watchdog);
        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", cancellationToken: default));
        Assert.Contains("Another process is sending this file to k", error.Message, StringComparison.Ordinal);
        Assert.Single(_rig.Open); // and the first is left alone
        await _rig.Uploader().UploadAsync(path, "another key", cancellationToken: default).WaitAsync(UploadRig.Watchdog);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(UploadRig.Watchdog));
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Open);
    }

    [Fact]
    public void All_mistakes_in_the_options_are_told_at_once()
    {
        var error = Assert.Throws<ArgumentException>(() => _rig.Uploader(new FileUploadOptions
        {
            Attempts = 0, MaxChanges = 101, Transfer = new TransferOptions { PartSize = 1 },
        }));
        Assert.Contains("PartSize 1:", error.Message, StringComparison.Ordinal);
        Assert.Contains("MaxChanges 101:", error.Message, StringComparison.Ordinal);
        Assert.Contains("Attempts 0:", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Gives what should not happen many chances to happen.</summary>
    private static async Task Pump()
    {
        for (var turn = 0; turn < 1000; turn++) await Task.Yield();
    }
}
