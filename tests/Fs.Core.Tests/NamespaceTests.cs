using SyncAgent.Journal;

namespace SyncAgent.Fs.Core.Tests;

public sealed class NamespaceTests
{
    [Fact]
    public async Task Objects_in_the_bucket_are_listed_and_readable()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/a.txt", TestDrive.Text("hello"));
        drive.Bucket.Put("p/d/e/f.txt", TestDrive.Text("deep"));
        drive.Bucket.Put("other/x", TestDrive.Text("not ours"));
        Assert.Equal(["a.txt", "d"], await drive.NamesAsync(""));
        Assert.Equal("hello"u8.ToArray(), await drive.LoadAsync("a.txt"));
        Assert.Equal("deep"u8.ToArray(), await drive.LoadAsync("d/e/f.txt"));
    }

    [Fact]
    public async Task A_folder_never_listed_says_timed_out_when_the_store_is_away_and_a_listed_one_answers()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/d/a", []);
        drive.Bucket.Put("p/e/b", []);
        Assert.Equal(["a"], await drive.NamesAsync("d"));
        drive.Bucket.Away = true;
        Assert.Equal(["a"], await drive.NamesAsync("d"));
        var unlisted = await drive.NodeAsync("e");
        Assert.Equal(FsErrorKind.Offline, (await drive.Files.LookupAsync(drive.Context, unlisted.Id, "b")).Error?.Kind);
        Assert.Equal(FsErrorKind.Offline, (await drive.Files.OpenDirectoryAsync(drive.Context, unlisted.Id)).Error?.Kind);
    }

    [Fact]
    public async Task Local_names_and_tombstones_win_over_a_listing_that_was_asked_for_before()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/old", TestDrive.Text("o"));
        drive.Bucket.Put("p/kept", TestDrive.Text("k"));
        Assert.Equal(["kept", "old"], await drive.NamesAsync(""));
        drive.Bucket.HoldLists = new TaskCompletionSource();
        var late = drive.NamesAsync("");
        Assert.Null(await drive.UnlinkAsync("old"));
        await drive.SaveAsync("new", TestDrive.Text("n"));
        await drive.PublishAsync();
        drive.Bucket.HoldLists.SetResult();
        drive.Bucket.HoldLists = null;
        Assert.Equal(["kept", "new"], await late);
        Assert.Equal(["kept", "new"], await drive.NamesAsync(""));
    }

    [Fact]
    public async Task A_removed_file_does_not_come_back_while_it_is_not_known_what_its_last_write_has_made()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/kept", []);
        drive.Bucket.Put("p/gone", TestDrive.Text("sent, its reply lost, its file removed"));
        drive.Bucket.Put("p/d/gone", TestDrive.Text("the same, and its folder removed too"));
        var writes = ((string[])["p/gone", "p/d/gone"]).Select(key =>
            new UploadRow(drive.Journal.NewId(), drive.Drive.Id, drive.Journal.NewId(), 0, key, null, 0, 0, UploadPhase.Writing, 0, true)).ToList();
        drive.Journal.Commit(writer => writes.ForEach(writer.AddUpload));
        Assert.Equal(["kept"], await drive.NamesAsync(""));

        // It was never ours.
        drive.Journal.Commit(writer => writes.ForEach(write => writer.TryEndWrite(write)));
        await drive.LoseListingsAsync();
        Assert.Equal(["d", "gone", "kept"], await drive.NamesAsync(""));
    }

    [Fact]
    public async Task A_deleted_object_stays_hidden_until_the_bucket_has_deleted_it()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/d/a", TestDrive.Text("1"));
        Assert.Equal(["a"], await drive.NamesAsync("d"));
        Assert.Null(await drive.UnlinkAsync("d/a"));
        Assert.Empty(await drive.NamesAsync("d"));
        drive.KillAndRestart();
        Assert.Empty(await drive.NamesAsync("d"));
        await drive.PublishAsync();
        Assert.Equal(["p/d/"], drive.Bucket.Keys());
        Assert.Equal(["d"], await drive.NamesAsync(""));
    }

    [Fact]
    public async Task What_changes_or_goes_in_the_bucket_is_seen_at_the_next_listing()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("mine", TestDrive.Text("first"));
        await drive.PublishAsync();
        drive.Bucket.Put("p/theirs", TestDrive.Text("t"));
        Assert.Equal(["mine", "theirs"], await drive.NamesAsync(""));
        await Eventually(async () => (await drive.LoadAsync("mine")).Length == 5);
        drive.Bucket.Put("p/mine", TestDrive.Text("changed there"));
        drive.Bucket.Delete("p/theirs");
        await Eventually(async () => (await drive.NamesAsync("")).SequenceEqual(["mine"]));
        await Eventually(async () => (await drive.NamesAsync("")).Count == 1
            && (await drive.LoadAsync("mine")).SequenceEqual(TestDrive.Text("changed there")));
    }

    [Fact]
    public async Task A_folder_that_vanishes_in_the_bucket_keeps_what_waits_in_it_also_after_a_restart()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/d/a", TestDrive.Text("1"));
        Assert.Equal(["a"], await drive.NamesAsync("d"));
        await drive.SaveAsync("d/new", TestDrive.Text("mine"));
        await drive.RestartAsync();
        drive.Bucket.Delete("p/d/a");
        Assert.Equal(["d"], await drive.NamesAsync(""));
        Assert.Equal(["new"], await drive.NamesAsync("d"));
        Assert.Equal("mine"u8.ToArray(), await drive.LoadAsync("d/new"));
    }

    [Fact]
    public async Task A_name_that_changes_between_file_and_folder_in_the_bucket_is_followed()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/foo", TestDrive.Text("file"));
        Assert.Equal(["foo"], await drive.NamesAsync(""));
        drive.Bucket.Delete("p/foo");
        drive.Bucket.Put("p/foo/x", TestDrive.Text("below"));
        Assert.Equal(["foo"], await drive.NamesAsync(""));
        Assert.Equal(["x"], await drive.NamesAsync("foo"));
        drive.Bucket.Delete("p/foo/x");
        drive.Bucket.Put("p/foo", TestDrive.Text("file again"));
        Assert.Equal(["foo"], await drive.NamesAsync(""));
        Assert.Equal("file again"u8.ToArray(), await drive.LoadAsync("foo"));
    }

    [Fact]
    public async Task A_folder_stays_visible_while_one_of_its_objects_waits_to_be_deleted()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/d/", []);
        drive.Bucket.Put("p/d/gone", TestDrive.Text("1"));
        drive.Bucket.Put("p/d/kept", TestDrive.Text("2"));
        Assert.Equal(["gone", "kept"], await drive.NamesAsync("d"));
        Assert.Null(await drive.UnlinkAsync("d/gone"));
        await drive.LoseListingsAsync();
        Assert.Equal(["d"], await drive.NamesAsync(""));
        Assert.Equal(["kept"], await drive.NamesAsync("d"));
    }

    [Fact]
    public async Task Renaming_a_folder_of_the_bucket_names_every_object_in_the_journal()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/d/a", TestDrive.Text("1"));
        drive.Bucket.Put("p/d/e/b", TestDrive.Text("2"));
        Assert.Null(await drive.RenameAsync("d", "x"));
        drive.KillAndRestart();
        Assert.Equal(["x"], await drive.NamesAsync(""));
        Assert.Equal("2"u8.ToArray(), await drive.LoadAsync("x/e/b"));
        await drive.PublishAsync();
        Assert.Equal(["p/x/", "p/x/a", "p/x/e/", "p/x/e/b"], drive.Bucket.Keys());
        Assert.Equal("1"u8.ToArray(), drive.Bucket.Bytes("p/x/a"));
    }

    [Fact]
    public async Task Names_can_be_exchanged_and_replaced()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("a", TestDrive.Text("A"));
        await drive.SaveAsync("b", TestDrive.Text("B"));
        Assert.Null(await drive.RenameAsync("a", "b", RenameMode.Exchange));
        Assert.Equal("B"u8.ToArray(), await drive.LoadAsync("a"));
        Assert.Equal("A"u8.ToArray(), await drive.LoadAsync("b"));
        Assert.Equal(FsErrorKind.Exists, (await drive.RenameAsync("a", "b", RenameMode.NoReplace))?.Kind);
        Assert.Null(await drive.RenameAsync("a", "b"));
        drive.KillAndRestart();
        Assert.Equal(["b"], await drive.NamesAsync(""));
        Assert.Equal("B"u8.ToArray(), await drive.LoadAsync("b"));
    }

    [Fact]
    public async Task A_folder_cannot_move_into_itself_and_only_an_empty_one_is_replaced_or_removed()
    {
        await using var drive = new TestDrive();
        await drive.MakeDirectoryAsync("d");
        await drive.MakeDirectoryAsync("d/e");
        await drive.MakeDirectoryAsync("full");
        await drive.SaveAsync("full/f", [1]);
        Assert.Equal(FsErrorKind.InvalidArgument, (await drive.RenameAsync("d", "d/e/x"))?.Kind);
        Assert.Equal(FsErrorKind.NotEmpty, (await drive.RenameAsync("d", "full"))?.Kind);
        Assert.Equal(FsErrorKind.IsDirectory, (await drive.RenameAsync("full/f", "d"))?.Kind);
        Assert.Equal(FsErrorKind.NotDirectory, (await drive.RenameAsync("d", "full/f"))?.Kind);
        var (parent, name) = await drive.SplitAsync("full");
        Assert.Equal(FsErrorKind.NotEmpty, (await drive.Files.RemoveDirectoryAsync(drive.Context, parent, name)).Error?.Kind);
    }

    [Theory]
    [InlineData(256, FsErrorKind.NameTooLong)]
    [InlineData(255, null)]
    public async Task Names_are_limited_in_bytes(int length, FsErrorKind? expected)
    {
        await using var drive = new TestDrive();
        Assert.Equal(expected, (await drive.MakeDirectoryAsync(new string('n', length)))?.Kind);
    }

    [Fact]
    public async Task A_key_that_would_grow_too_long_is_refused_also_below_a_renamed_folder()
    {
        await using var drive = new TestDrive();
        var path = "d";
        await drive.MakeDirectoryAsync(path);
        for (var i = 0; i < 4; i++)
        {
            path += "/" + new string((char)('a' + i), 240);
            Assert.Null(await drive.MakeDirectoryAsync(path));
        }

        Assert.Equal(FsErrorKind.NameTooLong, (await drive.MakeDirectoryAsync(path + "/" + new string('x', 100)))?.Kind);
        Assert.Equal(FsErrorKind.NameTooLong, (await drive.RenameAsync("d", new string('y', 200)))?.Kind);
    }

    [Fact]
    public async Task Node_ids_survive_a_restart()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/remote", [1]);
        await drive.SaveAsync("local", [2]);
        var before = (await drive.NodeAsync("remote")).Id;
        var local = (await drive.NodeAsync("local")).Id;
        await drive.RestartAsync();
        Assert.Equal(before, (await drive.NodeAsync("remote")).Id);
        Assert.Equal(local, (await drive.NodeAsync("local")).Id);
    }

    // The tree follows confirmations from a background task: asks again until it has, or the test's own time limit ends it.
    private static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await condition()) return;
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Fail("did not become true");
    }
}
