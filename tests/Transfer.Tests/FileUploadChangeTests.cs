using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

/// <summary>Files that change while they are sent: what is stored is what the file was at one moment, or nothing.</summary>
public sealed class FileUploadChangeTests : IDisposable
{
    private const int Part = 128 * 1024;
    private const int Size = 6 * Part;
    private const int MaxChanges = 3;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("syncagent-change-");
    private readonly FakeObjectStore _store = new(TimeProvider.System);
    private readonly Recorder _events = new();
    private int _version;

    private string FilePath => Path.Combine(_folder.FullName, "file");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(Size, "Part", true)]
    [InlineData(Size, "Part", false)]
    [InlineData(Part, "Put", true)]
    public async Task A_file_that_never_rests_is_given_up_with_nothing_stored_and_nothing_open(int size, string operation, bool checkpoint)
    {
        Write(size);
        _store.Before = (call, _) =>
        {
            if (call.Operation == operation && call.Part is null or 2) Write(size);
            return Task.CompletedTask;
        };
        var error = await Assert.ThrowsAsync<StoreException>(() => SendAsync(checkpoint));
        Assert.Equal(StoreErrorKind.SourceChanged, error.Kind);
        Assert.Contains($"changed during each of {MaxChanges} attempts; nothing was stored", error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (_store.Objects.Count, _store.OpenUploads.Count));
        Assert.Equal(MaxChanges, _events.All.Count(e => e.Kind == TransferEventKind.Started));
        _events.CheckFailed();
        var folder = Path.Combine(_folder.FullName, "checkpoints");
        if (checkpoint) Assert.Empty(Directory.EnumerateFiles(folder));
    }

    [Theory]
    [InlineData(Size, "Part", "written")]
    [InlineData(Size, "Part", "in place, times kept")]
    [InlineData(Size, "Part", "shrunk")]
    [InlineData(Size, "Part", "grown")]
    [InlineData(Size, "Part", "replaced")]
    [InlineData(Part, "Put", "written")]
    [InlineData(Part, "Put", "shrunk")]
    public async Task A_change_while_sending_begins_anew_with_a_new_upload(int size, string operation, string how)
    {
        Write(size);
        var changed = 0;
        _store.Before = (call, _) =>
        {
            if (call.Operation == operation && call.Part is null or 3 && Interlocked.Exchange(ref changed, 1) == 0) Change(how, size);
            return Task.CompletedTask;
        };
        var receipt = await SendAsync(checkpoint: true);
        Assert.Equal(1, changed);
        Assert.Equal(File.ReadAllBytes(FilePath), _store.Objects["k"].Bytes);
        Assert.Equal(new FileInfo(FilePath).Length, receipt.Size);
        Assert.Empty(_store.OpenUploads);
        if (operation == "Part") Assert.Equal(2, _store.Calls.Count(call => call.Operation == "Initiate"));
        _events.CheckContract(receipt.Size);
        Assert.Equal(2, _events.All.Count(e => e.Kind == TransferEventKind.Started));
    }

    /// <summary>After the last part and before Complete nothing else would notice.</summary>
    [Fact]
    public async Task A_change_of_a_part_that_has_arrived_is_noticed_before_the_object_becomes_visible()
    {
        Write(Size);
        var changed = 0;
        _store.After = call =>
        {
            if (call is { Operation: "Part", Part: 6 } && Interlocked.Exchange(ref changed, 1) == 0) Change("in place, times kept", Size);
            return Task.CompletedTask;
        };
        await SendAsync(checkpoint: false, parallel: 1);
        Assert.Single(_store.Calls, call => call.Operation == "Complete");
        Assert.Equal(File.ReadAllBytes(FilePath), _store.Objects["k"].Bytes);
        Assert.Empty(_store.OpenUploads);
    }

    [Fact]
    public async Task A_file_that_is_removed_while_it_is_sent_is_told_and_nothing_is_open_without_a_checkpoint()
    {
        Write(Size);
        _store.Before = (call, _) =>
        {
            if (call is { Operation: "Part", Part: 2 }) File.Delete(FilePath);
            return Task.CompletedTask;
        };
        await Assert.ThrowsAsync<FileNotFoundException>(() => SendAsync(checkpoint: false, parallel: 1));
        Assert.Equal((0, 0), (_store.Objects.Count, _store.OpenUploads.Count));
    }

    private async Task<FileReceipt> SendAsync(bool checkpoint, int parallel = 2)
    {
        var options = new FileUploadOptions
        {
            CheckpointFolder = checkpoint ? Path.Combine(_folder.FullName, "checkpoints") : null, MaxChanges = MaxChanges,
            Transfer = new TransferOptions { MultipartThreshold = 2 * Part, PartSize = Part, ParallelParts = parallel, MaxBackoff = TimeSpan.FromMilliseconds(1) },
        };
        return await new FileUploader(_store, options).UploadAsync(FilePath, "k", null, _events, default).WaitAsync(UploadRig.Watchdog);
    }

    private void Write(int size) => File.WriteAllBytes(FilePath, UploadRig.Bytes(size, Interlocked.Increment(ref _version)));

    private void Change(string how, int size)
    {
        switch (how)
        {
            case "written":
                Write(size);
                return;
            case "replaced":
                File.WriteAllBytes(FilePath + ".new", UploadRig.Bytes(size, 99));
                File.Move(FilePath + ".new", FilePath, overwrite: true);
                return;
            case "grown":
                File.AppendAllText(FilePath, "more");
                return;
            case "shrunk":
                using (var file = new FileStream(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) file.SetLength(size - 1000);
                return;
            default:
                var times = File.GetLastWriteTimeUtc(FilePath);
                using (var file = new FileStream(FilePath, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite)) file.Write([1, 2, 3, 4, 5, 6, 7, 8]);
                File.SetLastWriteTimeUtc(FilePath, times);
                return;
        }
    }
}
