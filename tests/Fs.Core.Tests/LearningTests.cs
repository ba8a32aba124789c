namespace SyncAgent.Fs.Core.Tests;

public sealed class LearningTests
{
    private const long Time = 1_700_000_000_123_456_789;
    private const uint Executable = 0b111_101_101;
    private static readonly (string Name, string Value)[] Script =
        [("mode", "33261"), ("uid", "1234"), ("gid", "5678"), ("mtime", "1700000000.123456789")];

    private static TestDrive NewDrive(bool storeOwners = false, int inBackground = 1) => new(new CoreOptions
    {
        Uid = 1000, Gid = 1001, StagingReserve = 0, ListingAge = TimeSpan.Zero, LearnPerSecond = inBackground, StoreOwners = storeOwners,
    });

    [Theory]
    [InlineData(false, 1000u, 1001u)]
    [InlineData(true, 1234u, 5678u)]
    public async Task Attributes_of_objects_that_others_wrote_are_learned_when_somebody_asks(bool storeOwners, uint uid, uint gid)
    {
        await using var drive = NewDrive(storeOwners);
        drive.Bucket.Put("p/script", [1], Script);
        var first = await drive.NodeAsync("script");
        var learned = await LearnedAsync(drive, "script", node => node.ModifyTime == Time);
        Assert.Equal((first.Id, Executable, uid, gid), (learned.Id, learned.Mode, learned.Uid, learned.Gid));
        await drive.NodeAsync("script");
        Assert.Equal(["p/script"], drive.Bucket.Heads());
    }

    [Fact]
    public async Task A_folders_marker_is_learned_too()
    {
        await using var drive = NewDrive();
        drive.Bucket.Put("p/d/", [], ("mode", "16832"), ("mtime", "1700000000"));
        drive.Bucket.Put("p/d/f", [1]);
        await drive.NamesAsync("d");
        var learned = await LearnedAsync(drive, "d", node => node.Mode == 0b111_000_000);
        Assert.Equal(NodeKind.Directory, learned.Kind);
    }

    [Fact]
    public async Task A_foreign_link_is_a_file_until_it_is_learned_and_then_another_inode()
    {
        await using var drive = NewDrive();
        var announced = new TaskCompletionSource<FsInvalidation>();
        drive.Files.Invalidated += item => announced.TrySetResult(item);
        drive.Bucket.Put("p/link", TestDrive.Text("../else where"), ("mode", "41471"));
        var first = await drive.NodeAsync("link");
        Assert.Equal(NodeKind.File, first.Kind);
        var learned = await LearnedAsync(drive, "link", node => node.Kind == NodeKind.Symlink);
        Assert.NotEqual(first.Id, learned.Id);
        Assert.Equal("../else where", (await drive.Files.ReadSymlinkAsync(drive.Context, learned.Id)).Value);
        Assert.Equal(new FsInvalidation(drive.Files.Root, "link"), await announced.Task);
        drive.Bucket.Put("p/link", [1]);
        await drive.NamesAsync("");
        Assert.Equal(NodeKind.File, (await drive.NodeAsync("link")).Kind);
    }

    [Fact]
    public async Task What_was_learned_is_known_after_a_restart_with_the_store_away()
    {
        await using var drive = NewDrive();
        drive.Bucket.Put("p/d/script", [1, 2], Script);
        await drive.NamesAsync("d");
        await LearnedAsync(drive, "d/script", node => node.ModifyTime == Time);
        drive.Bucket.Away = true;
        await drive.RestartAsync();
        Assert.Equal(["d"], await drive.NamesAsync(""));
        Assert.Equal(["script"], await drive.NamesAsync("d"));
        var node = await drive.NodeAsync("d/script");
        Assert.Equal((Time, Executable, 2L), (node.ModifyTime, node.Mode, node.Size));
    }

    [Fact]
    public async Task A_new_etag_is_learned_anew()
    {
        await using var drive = NewDrive();
        drive.Bucket.Put("p/script", [1], Script);
        await LearnedAsync(drive, "script", node => node.Mode == Executable);
        drive.Bucket.Put("p/script", [1], ("mode", "33024"));
        await drive.NamesAsync("");
        await LearnedAsync(drive, "script", node => node.Mode == 0b100_000_000);
        Assert.Equal(2, drive.Bucket.Heads().Count);
    }

    [Fact]
    public async Task A_listing_with_attributes_asks_the_store_for_no_object()
    {
        await using var drive = NewDrive(inBackground: 0);
        for (var i = 0; i < 100; i++) drive.Bucket.Put($"p/f{i}", [1], Script);
        var before = drive.Bucket.Lists;
        var snapshot = (await drive.Files.OpenDirectoryAsync(drive.Context, drive.Files.Root)).Value;
        foreach (var entry in snapshot.Entries) Assert.Equal(1, drive.Files.ReadEntry(drive.Files.Root, entry.Name).Value.Size);
        Assert.Equal(1, drive.Bucket.Lists - before);
        await drive.DisposeFilesAsync();
        Assert.Empty(drive.Bucket.Heads());
    }

    [Fact]
    public async Task A_walk_that_asks_for_every_name_does_not_ask_the_store_for_every_object()
    {
        const int Some = 100;
        await using var drive = NewDrive();
        for (var i = 0; i < 10 * Some; i++) drive.Bucket.Put($"p/f{i}", [1], Script);
        foreach (var name in await drive.NamesAsync("")) await drive.NodeAsync(name);
        await Until(() => drive.Bucket.Heads().Count > 1);
        await drive.DisposeFilesAsync();
        Assert.InRange(drive.Bucket.Heads().Count, 1, Some);
    }

    [Fact]
    public async Task In_the_background_what_may_be_a_link_comes_first_and_nothing_is_hurried()
    {
        await using var drive = NewDrive(inBackground: 1);
        drive.Bucket.Put("p/large", new byte[5000], Script);
        drive.Bucket.Put("p/small", new byte[10], Script);
        await drive.NamesAsync("");
        await Until(() => drive.Bucket.Heads().Count > 0);
        await drive.DisposeFilesAsync();
        Assert.Equal(["p/small"], drive.Bucket.Heads()); // the clock stands still: its second is not over
    }

    [Fact]
    public async Task Who_changes_the_mode_of_a_foreign_object_leaves_its_owner_and_time()
    {
        await using var drive = NewDrive();
        drive.Bucket.Put("p/script", [1], Script);
        var snapshot = (await drive.Files.OpenDirectoryAsync(drive.Context, drive.Files.Root)).Value;
        var id = snapshot.Entries[0].Id;
        var changed = (await drive.Files.SetAttributesAsync(drive.Context, id, null, new AttributeChanges { Mode = 0b110_000_000 })).Value;
        Assert.Equal((0b110_000_000u, Time, 1000u), (changed.Mode, changed.ModifyTime, changed.Uid));
        var row = drive.Rows.Node(id.Value)!;
        Assert.Equal((1234u, 5678u, Time), (row.Uid, row.Gid, row.ModifyTime));
    }

    [Fact]
    public async Task An_owner_that_is_set_here_is_shown_and_sent()
    {
        await using var drive = NewDrive();
        drive.Bucket.Put("p/script", [1], Script);
        await LearnedAsync(drive, "script", node => node.ModifyTime == Time);
        var id = (await drive.NodeAsync("script")).Id;
        var changed = (await drive.Files.SetAttributesAsync(drive.Context, id, null, new AttributeChanges { Uid = 77, Gid = 78 })).Value;
        Assert.Equal((77u, 78u), (changed.Uid, changed.Gid));
        await drive.RestartAsync();
        var node = await drive.NodeAsync("script");
        var row = drive.Rows.Node(id.Value)!;
        Assert.Equal((77u, 78u, 77u, 78u), (node.Uid, node.Gid, row.Uid, row.Gid));
    }

    private static async Task<NodeAttributes> LearnedAsync(TestDrive drive, string path, Func<NodeAttributes, bool> learned)
    {
        while (true)
        {
            var node = await drive.NodeAsync(path);
            if (learned(node)) return node;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    // Done by a background task: asks again until it has, or the test's own time limit ends it.
    private static async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(10, TestContext.Current.CancellationToken);
    }
}
