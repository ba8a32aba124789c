namespace SyncAgent.Fs.Core.Tests;

/// <summary>What is pinned is on the local disk, and stays there.</summary>
public sealed class PinTests
{
    private static readonly byte[] Large = GenerationTests.Pattern(3_000_000, 1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pinned_folder_is_fetched_to_its_end_and_readable_while_the_store_is_away()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/kept/deep/large", Large);
        drive.Bucket.Put("p/kept/small", TestDrive.Text("small"));
        drive.Bucket.Put("p/other", TestDrive.Text("other"));
        Assert.Null((await drive.Files.PinAsync("kept", Stop)).Error);
        var report = await CompleteAsync(drive, "kept");
        Assert.Equal((2, Large.Length + 5, 0), (report.Files, report.Bytes, report.MissingBytes));
        Assert.Equal(Large.Length + 5, drive.Bucket.BytesRead);

        // Also after a restart, and nothing is fetched twice.
        await drive.RestartAsync();
        await CompleteAsync(drive, "kept");
        Assert.Equal(Large.Length + 5, drive.Bucket.BytesRead);
        drive.Bucket.Away = true;
        Assert.Equal(Large, await drive.LoadAsync("kept/deep/large"));
        Assert.Equal(TestDrive.Text("small"), await drive.LoadAsync("kept/small"));
    }

    [Fact]
    public async Task What_is_pinned_is_not_given_back_and_what_was_unpinned_is()
    {
        await using var drive = new TestDrive(new CoreOptions
        {
            Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.Zero, ReadCacheLimit = 0, CacheLimit = 0,
        });
        drive.Bucket.Put("p/large", Large);
        Assert.Null((await drive.Files.PinAsync("large", Stop)).Error);
        await CompleteAsync(drive, "large");
        drive.Journal.WantSpace();
        drive.Bucket.Away = true;
        Assert.Equal(Large, await drive.LoadAsync("large"));

        // Local content that the bucket confirmed stays as well.
        drive.Bucket.Away = false;
        await drive.SaveAsync("mine", TestDrive.Text("mine"));
        Assert.Null((await drive.Files.PinAsync("mine", Stop)).Error);
        await drive.PublishAsync();
        drive.Journal.WantSpace();
        Assert.NotNull(drive.Rows.Node((await drive.NodeAsync("mine")).Id.Value)!.Content);

        Assert.Null(drive.Files.Unpin("mine").Error);
        Assert.Equal(FsErrorKind.NotFound, drive.Files.Unpin("mine").Error?.Kind);
        drive.Journal.WantSpace();
        Assert.Null(drive.Rows.Node((await drive.NodeAsync("mine")).Id.Value)?.Content);
    }

    [Fact]
    public async Task A_pin_goes_with_what_it_names_and_says_when_that_is_gone()
    {
        await using var drive = new TestDrive();
        Assert.Null(await drive.MakeDirectoryAsync("a"));
        await drive.SaveAsync("a/x", TestDrive.Text("x"));
        await drive.PublishAsync();
        Assert.Null((await drive.Files.PinAsync("a/x", Stop)).Error);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.PinAsync("a/y", Stop)).Error?.Kind);
        Assert.Null(await drive.RenameAsync("a", "b"));
        Assert.Equal(["b/x"], drive.Files.ReadPins().Select(pin => pin.Path));

        // Saved as editors save: what replaces it is pinned.
        await drive.SaveAsync("b/new", TestDrive.Text("new"));
        Assert.Null(await drive.RenameAsync("b/new", "b/x"));
        Assert.Equal(["b/x"], drive.Files.ReadPins().Select(pin => pin.Path));

        await drive.SaveAsync("c", TestDrive.Text("c"));
        Assert.Null(await drive.RenameAsync("c", "b/x", RenameMode.Exchange));
        Assert.Equal(["c"], drive.Files.ReadPins().Select(pin => pin.Path));
    }

    [Fact]
    public async Task A_new_version_of_a_pinned_file_is_fetched()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/a", TestDrive.Text("one"));
        Assert.Null((await drive.Files.PinAsync("", Stop)).Error);
        await CompleteAsync(drive, "");
        drive.Bucket.Put("p/a", TestDrive.Text("other"));
        drive.Bucket.Put("p/b", TestDrive.Text("b"));
        await drive.NamesAsync(""); // lists
        Assert.Null((await drive.Files.PinAsync("", Stop)).Error);
        await UntilAsync(() => drive.Bucket.BytesRead == 3 + 5 + 1);
        drive.Bucket.Away = true;
        Assert.Equal(TestDrive.Text("other"), await drive.LoadAsync("a"));
        Assert.Equal(TestDrive.Text("b"), await drive.LoadAsync("b"));
    }

    private static async Task<PinReport> CompleteAsync(TestDrive drive, string path)
    {
        PinReport? report = null;
        await UntilAsync(() => (report = drive.Files.ReadPins().Single(pin => pin.Path == path)).Complete);
        Assert.Null(report!.Error);
        return report;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(5, Stop);
    }
}
