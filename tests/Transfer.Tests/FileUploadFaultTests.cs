using SyncAgent.DevStore;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Files outside a drive on a bad link to a bad store.</summary>
public sealed class FileUploadFaultTests : IAsyncLifetime
{
    private const int Part = UploadRig.Part;

    private UploadRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await UploadRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Theory]
    [InlineData(FaultKind.LoseReply, "InitiateMultipartUpload", 1)]
    [InlineData(FaultKind.LoseReply, "UploadPart", 0)]
    [InlineData(FaultKind.LoseReply, "CompleteMultipartUpload", 0)]
    [InlineData(FaultKind.ResetBeforeBody, "UploadPart", 0)]
    [InlineData(FaultKind.ResetMidBody, "UploadPart", 0)]
    [InlineData(FaultKind.CorruptByte, "UploadPart", 0)]
    [InlineData(FaultKind.WrongCrc, "UploadPart", 0)]
    [InlineData(FaultKind.Error, "InitiateMultipartUpload", 0)]
    [InlineData(FaultKind.Error, "UploadPart", 0)]
    [InlineData(FaultKind.Error, "CompleteMultipartUpload", 0)]
    [InlineData(FaultKind.VanishUpload, "UploadPart", 0)]
    [InlineData(FaultKind.VanishUpload, "CompleteMultipartUpload", 0)]
    public async Task A_large_file_arrives_whole_in_spite_of(FaultKind fault, string operation, int left)
    {
        var path = _rig.MakeFile("file", (8 * Part) + 4321, 7);
        var planned = _rig.Server.Faults.Add(new FaultRule { Kind = fault, Operation = operation, AfterBytes = 1000, Times = fault == FaultKind.Error ? 2 : 1, Skip = operation == "UploadPart" ? 3 : 0 });
        var receipt = await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default).WaitAsync(UploadRig.Watchdog);
        Assert.Equal(planned.Rule.Times, planned.Hits);
        _rig.CheckObject("k", path);
        Assert.Equal(left, _rig.Open.Count);
        // An upload whose id was lost is told of, and remembered; it is nobody's to abort.
        if (left > 0) Assert.True(receipt.PossiblyOpen);
        Assert.All(_rig.Known, known => Assert.Equal((null, true), (known.UploadId, known.Lost)));
        Assert.Equal(receipt.PossiblyOpen ? 1 : 0, _rig.Known.Count);
    }

    [Theory]
    [InlineData(FaultKind.LoseReply)]
    [InlineData(FaultKind.ResetBeforeBody)]
    [InlineData(FaultKind.ResetMidBody)]
    [InlineData(FaultKind.CorruptByte)]
    [InlineData(FaultKind.WrongCrc)]
    [InlineData(FaultKind.Error)]
    public async Task A_small_file_arrives_whole_in_spite_of(FaultKind fault)
    {
        var path = _rig.MakeFile("file", 5000, 3);
        var planned = _rig.Server.Faults.Add(new FaultRule { Kind = fault, Operation = "PutObject", AfterBytes = 1000, Times = 2 });
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default).WaitAsync(UploadRig.Watchdog);
        Assert.Equal(2, planned.Hits);
        _rig.CheckObject("k", path);
    }

    [Theory]
    [InlineData(5000)]
    [InlineData(8 * Part)]
    public async Task A_store_that_stays_away_is_told_and_the_next_call_succeeds(int size)
    {
        var path = _rig.MakeFile("file", size, 3);
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Times = null, Skip = size > Part ? 3 : 0 });
        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", cancellationToken: default).WaitAsync(UploadRig.Watchdog));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
        _rig.Server.Faults.Clear();
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Open);
    }

    [Fact]
    public async Task A_wrong_checksum_of_the_whole_is_told_and_the_next_call_sends_all_again()
    {
        var path = _rig.MakeFile("file", 8 * Part, 3);
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.WrongCrc, Operation = "CompleteMultipartUpload" });
        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", cancellationToken: default));
        Assert.Equal(StoreErrorKind.ChecksumMismatch, error.Kind);
        _rig.Server.Log.Clear();
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal(Enumerable.Range(1, 8), _rig.PartsSent);
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Open);
    }

    [Theory]
    [InlineData(5000, "PutObject")]
    [InlineData(8 * Part, "CompleteMultipartUpload")]
    public async Task A_create_only_upload_whose_reply_is_lost_is_recognised(int size, string operation)
    {
        var path = _rig.MakeFile("file", size, 3);
        var lost = _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.LoseReply, Operation = operation });
        var options = new ObjectOptions { ForbidOverwrite = true, ContentType = "text/x-test", Metadata = new Dictionary<string, string> { ["who"] = "me" } };
        var receipt = await _rig.Uploader().UploadAsync(path, "k", options, cancellationToken: default);
        Assert.Equal((1, size), (lost.Hits, receipt.Size));
        await _rig.QuietAsync();
        Assert.Single(_rig.Calls(operation));
        _rig.CheckObject("k", path);
        Assert.Empty(_rig.Open);
    }

    /// <summary>The bytes were there before, so that finding them proves nothing.</summary>
    [Theory]
    [InlineData(5000, "PutObject")]
    [InlineData(8 * Part, "CompleteMultipartUpload")]
    public async Task A_refused_upload_is_not_taken_for_the_older_object_with_the_same_bytes(int size, string operation)
    {
        var path = _rig.MakeFile("file", size, 3);
        await _rig.Uploader().UploadAsync(path, "k", new ObjectOptions { ContentType = "text/old" }, cancellationToken: default);
        var before = _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = operation, Times = 4 });
        await _rig.Uploader().UploadAsync(path, "k", new ObjectOptions { ContentType = "text/new" }, cancellationToken: default);
        Assert.Equal(4, before.Hits);
        Assert.Equal("text/new", _rig.CheckObject("k", path).ContentType);
        Assert.Equal((0, 0), (_rig.Open.Count, _rig.Known.Count));
    }

    [Fact]
    public async Task An_identical_object_does_not_end_an_upload_that_the_store_still_has()
    {
        var path = _rig.MakeFile("file", 8 * Part, 3);
        await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default);
        _rig.Server.Faults.Add(new FaultRule { Kind = FaultKind.Error, Operation = "CompleteMultipartUpload", Times = null });
        var error = await Assert.ThrowsAsync<StoreException>(() => _rig.Uploader().UploadAsync(path, "k", cancellationToken: default));
        Assert.Equal(StoreErrorKind.Unavailable, error.Kind);
        Assert.Equal(_rig.Open.Single().UploadId, _rig.Known.Single().UploadId);
        _rig.Server.Faults.Clear();
        Assert.Equal(0, (await _rig.Uploader().UploadAsync(path, "k", cancellationToken: default)).SentBytes);
        Assert.Empty(_rig.Open);
    }

    [Theory]
    [InlineData("Complete", 8 * Part)]
    [InlineData("Put", 5000)]
    public async Task Where_no_checksum_is_stated_a_nonce_tells_our_object(string operation, int size)
    {
        var store = StoreWithoutCrc();
        var lost = 0;
        store.After = call => call.Operation == operation && Interlocked.Increment(ref lost) == 1
            ? throw new StoreException(StoreErrorKind.Network, "connection reset") { MayHaveSucceeded = true }
            : Task.CompletedTask;
        var path = _rig.MakeFile("file", size, 3);
        var receipt = await new FileUploader(store, _rig.Options).UploadAsync(path, "k", new ObjectOptions { ForbidOverwrite = true }, cancellationToken: default);
        Assert.Equal((1, false), (lost, receipt.Confirmed));
        Assert.Single(store.Calls, call => call.Operation == operation);
        Assert.Equal(File.ReadAllBytes(path), store.Objects["k"].Bytes);
        Assert.Equal(32, store.Objects["k"].Metadata[FileMultipart.NonceName].Length);
        Assert.Empty(store.OpenUploads);
    }

    [Theory]
    [InlineData("Complete", 8 * Part, StoreErrorKind.ChecksumMismatch)]
    [InlineData("Complete", 8 * Part, StoreErrorKind.NotSupported)]
    [InlineData("Put", 5000, StoreErrorKind.ChecksumMismatch)]
    [InlineData("Put", 5000, StoreErrorKind.NotSupported)]
    public async Task What_the_store_itself_contradicts_is_never_a_success(string operation, int size, StoreErrorKind kind)
    {
        var store = StoreWithoutCrc();
        var contradicted = 0;
        store.After = call => call.Operation == operation && Interlocked.Increment(ref contradicted) == 1
            ? throw new StoreException(kind, "the store holds something else") { MayHaveSucceeded = true }
            : Task.CompletedTask;
        var path = _rig.MakeFile("file", size, 3);
        var uploader = new FileUploader(store, _rig.Options);
        var error = await Assert.ThrowsAsync<StoreException>(() => uploader.UploadAsync(path, "k", new ObjectOptions { ForbidOverwrite = true }, cancellationToken: default));
        Assert.Equal((kind, 1), (error.Kind, contradicted));

        // The next call sends it all again, instead of taking what is there for it.
        var receipt = await uploader.UploadAsync(path, "k", cancellationToken: default);
        Assert.Equal((size, 2), (receipt.SentBytes, contradicted));
        Assert.Empty(store.OpenUploads);
    }

    [Theory]
    [InlineData("Complete", 8 * Part)]
    [InlineData("Put", 5000)]
    public async Task Where_no_checksum_is_stated_the_same_bytes_of_somebody_else_are_not_ours(string operation, int size)
    {
        var store = StoreWithoutCrc();
        var path = _rig.MakeFile("file", size, 3);
        store.Before = (call, _) =>
        {
            if (call.Operation != operation || store.Objects.Count > 0) return Task.CompletedTask;
            store.PutForeign("k", File.ReadAllBytes(path));
            throw new StoreException(StoreErrorKind.Network, "connection reset") { MayHaveSucceeded = true };
        };
        var uploader = new FileUploader(store, _rig.Options);
        var error = await Assert.ThrowsAsync<StoreException>(() => uploader.UploadAsync(path, "k", new ObjectOptions { ForbidOverwrite = true }, cancellationToken: default));
        Assert.Equal(StoreErrorKind.AlreadyExists, error.Kind);
        Assert.Empty(store.OpenUploads);
        Assert.Empty(store.Objects["k"].Metadata);
    }

    private static FakeObjectStore StoreWithoutCrc()
    {
        var store = new FakeObjectStore(TimeProvider.System);
        store.Capabilities = store.Capabilities with { ObjectCrc64 = false };
        return store;
    }
}
