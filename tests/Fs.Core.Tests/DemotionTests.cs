namespace SyncAgent.Fs.Core.Tests;

public sealed class DemotionTests
{
    [Fact]
    public async Task A_node_at_rest_without_local_bytes_moves_to_the_cache_and_back()
    {
        await using var drive = new TestDrive();
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        await drive.SaveAsync("d/f", TestDrive.Text("text"));
        await drive.PublishAsync();
        var before = await drive.NodeAsync("d/f");
        drive.Files.DemoteSettled();
        Assert.NotNull(drive.Rows.Node(before.Id.Value)); // its bytes are here
        await GiveBackAsync(drive, before.Id);
        drive.Files.DemoteSettled();
        Assert.Null(drive.Rows.Node(before.Id.Value));
        Assert.Equal(Shown(before), Shown(await drive.NodeAsync("d/f")));
        await drive.RestartAsync();
        Assert.Equal(Shown(before), Shown(await drive.NodeAsync("d/f")));
        Assert.Equal("text"u8.ToArray(), await drive.LoadAsync("d/f"));
        Assert.Null(await drive.RenameAsync("d/f", "d/g"));
        await drive.PublishAsync();
        Assert.Equal("text"u8.ToArray(), drive.Bucket.Bytes("p/d/g"));
        Assert.Null(drive.Bucket.Bytes("p/d/f"));
    }

    [Fact]
    public async Task A_folder_follows_when_nothing_in_it_is_in_the_journal()
    {
        await using var drive = new TestDrive();
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        await drive.SaveAsync("d/f", [1]);
        await drive.PublishAsync();
        var (folder, file) = ((await drive.NodeAsync("d")).Id, (await drive.NodeAsync("d/f")).Id);
        await GiveBackAsync(drive, file);
        drive.Files.DemoteSettled();
        drive.Files.DemoteSettled();
        Assert.Null(drive.Rows.Node(folder.Value));
        Assert.Equal(("synced", "remote"), (await StateAsync(folder), await StateAsync(file)));
        drive.Bucket.Away = true;
        await drive.RestartAsync();
        Assert.Equal(["f"], await drive.NamesAsync("d"));
        Assert.Equal((folder, file), ((await drive.NodeAsync("d")).Id, (await drive.NodeAsync("d/f")).Id));
        Assert.Equal(("synced", "remote"), (await StateAsync(folder), await StateAsync(file)));

        async Task<string> StateAsync(NodeId node) =>
            System.Text.Encoding.ASCII.GetString((await drive.Files.GetExtendedAttributeAsync(drive.Context, node, "user.syncagent.state")).Value);
    }

    [Fact]
    public async Task What_is_pending_or_open_stays_in_the_journal()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/renamed", [1]);
        drive.Bucket.Put("p/open", [2]);
        await drive.NamesAsync("");
        Assert.Null(await drive.RenameAsync("renamed", "new"));
        var handle = await drive.OpenAsync("open");
        drive.Files.DemoteSettled();
        Assert.NotNull(drive.Rows.Node((await drive.NodeAsync("new")).Id.Value));
        Assert.NotNull(drive.Rows.Node((await drive.NodeAsync("open")).Id.Value));
        drive.Files.Released(handle);
        await drive.PublishAsync();
        Assert.Equal([1], drive.Bucket.Bytes("p/new")!);
    }

    [Fact]
    public async Task A_row_that_a_kill_left_in_the_cache_does_not_bring_a_removed_file_back()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", [1]);
        await drive.PublishAsync();
        var row = drive.Rows.Node((await drive.NodeAsync("f")).Id.Value)!;
        drive.Cache.Apply([], [row]); // killed before the journal's row went
        await drive.RestartAsync();
        Assert.Equal(["f"], await drive.NamesAsync(""));
        Assert.Null(await drive.UnlinkAsync("f"));
        await drive.PublishAsync();
        await drive.RestartAsync();
        Assert.Empty(await drive.NamesAsync(""));
    }

    // All but the space on the local disk.
    private static NodeAttributes Shown(NodeAttributes node) => node with { StoredBytes = 0 };

    // As the eviction of synced copies does, which here would need gigabytes.
    private static async Task GiveBackAsync(TestDrive drive, NodeId node)
    {
        await drive.RestartAsync();
        drive.Journal.Commit(writer => writer.EvictContent(node.Value));
        await drive.RestartAsync();
    }

    [Fact]
    public async Task A_listing_does_not_count_again_while_another_name_taken_from_it_is_in_no_committed_journal()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/a", []);
        drive.Bucket.Put("p/b", []);
        await drive.NamesAsync("");
        var (root, a, b) = (drive.Drive.Root, (await drive.NodeAsync("a")).Id, (await drive.NodeAsync("b")).Id);
        using var mayCommit = new ManualResetEventSlim();
        Task? second = null;

        // Runs inside the commit of the first change: the second one is queued then, and its own commit held up.
        drive.Journal.Enqueue(_ =>
        {
            var before = drive.Journal.EnqueuedSequence;
            second = Task.Run(() => ChangeModeAsync(b));
            SpinWait.SpinUntil(() => drive.Journal.EnqueuedSequence > before, TimeSpan.FromSeconds(10));
            drive.Journal.Enqueue(_ => mayCommit.Wait(TimeSpan.FromSeconds(10)));
        });
        await ChangeModeAsync(a);
        Assert.Null(drive.Cache.ListedAt(root));
        mayCommit.Set();
        await second!;
        Assert.NotNull(drive.Cache.ListedAt(root));

        async Task ChangeModeAsync(NodeId node) =>
            Assert.Null((await drive.Files.SetAttributesAsync(drive.Context, node, null, new AttributeChanges { Mode = 0b110_000_000 })).Error);
    }
}
