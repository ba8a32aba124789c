namespace SyncAgent.Fs.Core.Tests;

public sealed class UnloadingTests
{
    private const int Folders = 10;
    private const int FilesEach = 20;
    private const int Limit = 60;

    private static TestDrive NewDrive(int limit = Limit) => new(
        new CoreOptions { Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.Zero, LearnPerSecond = 0, NodesInMemory = limit });

    [Fact]
    public async Task Nodes_above_the_limit_are_unloaded_and_come_back_under_the_same_ids()
    {
        await using var drive = NewDrive();
        var ids = await FillAsync(drive);
        drive.Files.TrimTree();
        Assert.InRange(drive.Files.NodesLoaded, 1, Limit);
        foreach (var (path, id) in ids)
        {
            // As the kernel asks: by the id that it was given.
            var attributes = await drive.Files.GetAttributesAsync(drive.Context, id, null);
            Assert.Equal((id, Size(path)), (attributes.Value.Id, attributes.Value.Size));
            Assert.Equal(id, (await drive.NodeAsync(path)).Id);
            drive.Files.TrimTree();
            Assert.InRange(drive.Files.NodesLoaded, 1, Limit);
        }
    }

    [Fact]
    public async Task A_walk_over_many_folders_unloads_by_itself()
    {
        await using var drive = NewDrive();
        await FillAsync(drive);
        await Until(() => drive.Files.NodesLoaded <= Limit);
    }

    [Fact]
    public async Task What_is_open_stays_and_arrives_whole()
    {
        await using var drive = NewDrive(limit: 1);
        drive.Bucket.Put("p/d/before", [1]);
        await drive.NamesAsync("d");
        var handle = await drive.CreateAsync("d/new");
        await drive.WriteAsync(handle, 0, TestDrive.Text("half "));
        drive.Files.TrimTree();
        await drive.WriteAsync(handle, 5, TestDrive.Text("whole"));
        await drive.CloseAsync(handle);
        drive.Files.TrimTree();
        Assert.Equal(1, drive.Files.NodesLoaded);
        Assert.Equal("half whole"u8.ToArray(), await drive.LoadAsync("d/new"));
        await drive.PublishAsync();
        drive.Files.TrimTree();
        Assert.Equal("half whole"u8.ToArray(), drive.Bucket.Bytes("p/d/new"));
        Assert.Equal(["before", "new"], await drive.NamesAsync("d"));
    }

    [Fact]
    public async Task Changes_of_unloaded_nodes_are_those_of_their_rows()
    {
        await using var drive = NewDrive(limit: 1);
        drive.Bucket.Put("p/d/a", [1]);
        drive.Bucket.Put("p/d/b", [2]);
        await drive.NamesAsync("d");
        var id = (await drive.NodeAsync("d/a")).Id;
        await drive.Files.SetAttributesAsync(drive.Context, id, null, new AttributeChanges { Mode = 0b111_000_000 });
        var removed = (await drive.NodeAsync("d/b")).Id;
        Assert.Null(await drive.UnlinkAsync("d/b"));
        drive.Files.Forget(removed, 1); // of a removed name no row tells: it waits for the kernel
        var changed = (await drive.NodeAsync("d")).ModifyTime;
        drive.Files.TrimTree();
        Assert.Equal(1, drive.Files.NodesLoaded);
        Assert.Equal(0b111_000_000u, (await drive.Files.GetAttributesAsync(drive.Context, id, null)).Value.Mode);
        Assert.Equal(FsErrorKind.NotFound, (await drive.LookupErrorAsync("d/b"))?.Kind);
        Assert.Equal(changed, (await drive.NodeAsync("d")).ModifyTime);
    }

    [Fact]
    public async Task A_tree_with_unloaded_parts_is_renamed_whole()
    {
        await using var drive = NewDrive(limit: 1);
        var ids = await FillAsync(drive);
        drive.Files.TrimTree();
        Assert.Equal(1, drive.Files.NodesLoaded);
        Assert.Null(await drive.RenameAsync("top", "moved"));
        drive.Files.TrimTree();
        await drive.PublishAsync();
        Assert.Equal(ids.Count, drive.Bucket.Keys().Count(key => key.StartsWith("p/moved/", StringComparison.Ordinal) && !key.EndsWith('/')));
        Assert.DoesNotContain(drive.Bucket.Keys(), key => key.StartsWith("p/top/", StringComparison.Ordinal));
        var (path, id) = ids[^1];
        Assert.Equal(id, (await drive.NodeAsync("moved" + path["top".Length..])).Id);
    }

    [Fact]
    public async Task A_folder_that_went_in_the_bucket_stays_when_an_unloaded_file_in_it_waits_to_be_sent()
    {
        await using var drive = NewDrive(limit: 1);
        drive.Bucket.Put("p/d/e/old", [1]);
        await drive.NamesAsync("d/e");
        await drive.SaveAsync("d/e/mine", [2]);
        drive.Files.TrimTree();
        drive.Bucket.Delete("p/d/e/old");
        await drive.NamesAsync("");
        await drive.NamesAsync("d");
        Assert.Equal(["mine"], await drive.NamesAsync("d/e"));
    }

    [Fact]
    public async Task A_never_listed_tree_is_listed_once_each_when_it_is_renamed()
    {
        await using var drive = NewDrive();
        for (var i = 0; i < Folders; i++) drive.Bucket.Put($"p/top/s{i}/f", [1]);
        await drive.NodeAsync("top");
        var before = drive.Bucket.Lists;
        Assert.Null(await drive.RenameAsync("top", "moved"));
        Assert.Equal(1 + Folders, drive.Bucket.Lists - before);
    }

    [Fact]
    public async Task A_first_listing_announces_nothing_and_a_later_one_what_changed()
    {
        await using var drive = NewDrive();
        var announced = new List<FsInvalidation>();
        drive.Files.Invalidated += item =>
        {
            lock (announced) announced.Add(item);
        };
        for (var i = 0; i < 1500; i++) drive.Bucket.Put($"p/f{i}", [1]);
        Assert.Equal(1500, (await drive.NamesAsync("")).Count);
        Assert.Empty(announced);
        drive.Bucket.Put("p/new", [1]);
        drive.Bucket.Delete("p/f7");
        await drive.NamesAsync("");
        Assert.Equal(["f7", "new"], announced.Select(item => item.Name!).Order(StringComparer.Ordinal));
    }

    private static async Task<List<(string Path, NodeId Id)>> FillAsync(TestDrive drive)
    {
        for (var i = 0; i < Folders; i++)
        {
            for (var j = 0; j < FilesEach; j++) drive.Bucket.Put($"p/top/s{i}/f{j}", new byte[j + 1]);
        }

        var ids = new List<(string Path, NodeId Id)>();
        await drive.NamesAsync("top");
        for (var i = 0; i < Folders; i++)
        {
            foreach (var name in await drive.NamesAsync($"top/s{i}")) ids.Add(($"top/s{i}/{name}", (await drive.NodeAsync($"top/s{i}/{name}")).Id));
        }

        return ids;
    }

    private static long Size(string path) => int.Parse(path[(path.LastIndexOf('f') + 1)..], System.Globalization.CultureInfo.InvariantCulture) + 1;

    // Done by a background task: asks again until it has, or the test's own time limit ends it.
    private static async Task Until(Func<bool> condition)
    {
        while (!condition()) await Task.Delay(10, TestContext.Current.CancellationToken);
    }
}
