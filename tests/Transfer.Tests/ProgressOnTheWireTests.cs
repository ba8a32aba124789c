using SyncAgent.DevStore;
using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>The contract of reports as a put, a multipart upload and a get keep it while things go wrong.</summary>
public sealed class ProgressOnTheWireTests : IAsyncLifetime
{
    private const int Part = UploadRig.Part;
    private const int Large = (10 * Part) + 99;
    private const int Small = 100_000;

    private readonly Recorder _events = new();
    private UploadRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await UploadRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(Small, null, "")]
    [InlineData(Large, null, "")]
    [InlineData(0, null, "")]
    [InlineData(Small, FaultKind.Error, "PutObject")]
    [InlineData(Small, FaultKind.LoseReply, "PutObject")]
    [InlineData(Small, FaultKind.ResetMidBody, "PutObject")]
    [InlineData(Small, FaultKind.CorruptByte, "PutObject")]
    [InlineData(Large, FaultKind.Error, "UploadPart")]
    [InlineData(Large, FaultKind.LoseReply, "UploadPart")]
    [InlineData(Large, FaultKind.ResetMidBody, "UploadPart")]
    [InlineData(Large, FaultKind.CorruptByte, "UploadPart")]
    [InlineData(Large, FaultKind.LoseReply, "CompleteMultipartUpload")]
    public async Task An_upload_keeps_the_contract(int size, FaultKind? fault, string operation)
    {
        var path = _rig.MakeFile("file", size, 5);
        if (fault is { } kind) _rig.Server.Faults.Add(new FaultRule { Kind = kind, Operation = operation, AfterBytes = 50_000, Times = 2 });
        await _rig.Uploader().UploadAsync(path, "k", null, _events, default);
        _events.CheckContract(size);
        Assert.Single(_events.All, e => e.Kind == TransferEventKind.Started);
    }

    [Fact]
    public async Task An_upload_that_the_store_loses_is_told_to_begin_again()
    {
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.VanishUpload, Operation = "UploadPart", PartNumber = 5 });
        await _rig.Uploader().UploadAsync(_rig.MakeFile("file", Large, 5), "k", null, _events, default);
        _events.CheckContract(Large);
        Assert.Equal(2, _events.All.Count(e => e.Kind == TransferEventKind.Started));
    }

    [Fact]
    public async Task Parts_that_are_there_already_count_as_transferred()
    {
        var path = _rig.MakeFile("file", Large, 5);
        await _rig.InterruptAsync(path, "k", hanging: 3, until: 8);
        var receipt = await _rig.Uploader().UploadAsync(path, "k", null, _events, default);
        Assert.True(receipt.SentBytes < Large);
        _events.CheckContract(Large);
        Assert.Single(_events.All, e => e.Kind == TransferEventKind.Started);
    }

    [Fact]
    public async Task A_cancelled_upload_is_told_as_failed()
    {
        using var cancel = new CancellationTokenSource();
        var hang = _rig.Hang(3);
        var running = _rig.Uploader().UploadAsync(_rig.MakeFile("file", Large, 5), "k", null, _events, cancel.Token);
        await hang.WaitForHitsAsync(1, default).WaitAsync(UploadRig.Watchdog);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        _events.CheckFailed();
        Assert.IsAssignableFrom<OperationCanceledException>(_events.All[^1].Error);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(Large, null)]
    [InlineData(Large, FaultKind.Error)]
    [InlineData(Large, FaultKind.ResetMidBody)]
    [InlineData(Large, FaultKind.LoseReply)]
    public async Task A_download_keeps_the_contract_and_brings_the_bytes(int size, FaultKind? fault)
    {
        var path = _rig.MakeFile("file", size, 5);
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        if (fault is { } kind) _rig.Server.Faults.Add(new FaultRule { Kind = kind, Operation = "GetObject", AfterBytes = 300_000, Times = 2 });
        var target = Path.Combine(_rig.Folder, "back");
        var info = await new FileDownloader(_rig.Store).DownloadAsync("k", target, _events, default);
        Assert.Equal(size, info.Size);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(target));
        _events.CheckContract(size);
        // Nobody knows the length before the store has told it.
        Assert.Null(_events.All[0].Total);
        Assert.Equal(TransferEventKind.LengthKnown, _events.All[1].Kind);
        Assert.Equal(["back", "file"], Files());
    }

    [Fact]
    public async Task A_download_that_arrives_damaged_is_told_and_leaves_nothing()
    {
        await _rig.Uploader().UploadAsync(_rig.MakeFile("file", Large, 5), "k", cancellationToken: default);
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.CorruptByte, Operation = "GetObject", AfterBytes = 300_000 });
        var error = await Assert.ThrowsAsync<StoreException>(() => new FileDownloader(_rig.Store).DownloadAsync("k", Path.Combine(_rig.Folder, "back"), _events, default));
        Assert.Equal(StoreErrorKind.ChecksumMismatch, error.Kind);
        _events.CheckFailed();
        Assert.Equal(["file"], Files());
    }

    [Fact]
    public async Task A_download_into_a_folder_that_is_not_there_is_told_as_failed()
    {
        await _rig.Uploader().UploadAsync(_rig.MakeFile("file", 10, 5), "k", cancellationToken: default);
        await Assert.ThrowsAsync<DirectoryNotFoundException>(
            () => new FileDownloader(_rig.Store).DownloadAsync("k", Path.Combine(_rig.Folder, "none", "back"), _events, default));
        _events.CheckFailed();
    }

    private IEnumerable<string?> Files() => Directory.EnumerateFiles(_rig.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
}
