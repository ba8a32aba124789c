using SyncAgent.Journal;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>Keys that are no paths: shown under names that come back, usable by them, and never anything but a name.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task Keys_that_cannot_be_names_are_shown_and_read_and_changed()
    {
        await using var drive = new TestDrive();
        string[] keys = ["p//x", "p/a//b", "p/a/./c", "p/a/../d", "p/..", "p/.", "p/n\0ul", "p/q‛", "p/q‛FF", "p/z//"];
        foreach (var key in keys) drive.Bucket.Put(key, key.EndsWith('/') ? [] : TestDrive.Text(key));

        Assert.Equal(["a", "n‛00ul", "q‛FF", "q‛‛", "z", "‛.", "‛..", "‛‛"], await drive.NamesAsync(""));
        (string Path, string Key)[] files =
        [
            ("‛‛/x", "p//x"), ("a/‛‛/b", "p/a//b"), ("a/‛./c", "p/a/./c"), ("a/‛../d", "p/a/../d"), ("‛..", "p/.."), ("‛.", "p/."),
            ("n‛00ul", "p/n\0ul"), ("q‛‛", "p/q‛"), ("q‛FF", "p/q‛FF"),
        ];
        foreach (var (path, key) in files) Assert.Equal(TestDrive.Text(key), await drive.LoadAsync(path));
        Assert.Equal(["‛‛"], await drive.NamesAsync("z"));
        Assert.Empty(await drive.NamesAsync("z/‛‛"));

        // Written, renamed and removed under their own keys.
        await drive.SaveAsync("a/‛../d", TestDrive.Text("new"));
        Assert.Null(await drive.RenameAsync("‛..", "plain"));
        Assert.Null(await drive.RenameAsync("q‛FF", "a/‛‛/‛."));
        Assert.Null(await drive.UnlinkAsync("n‛00ul"));
        await drive.PublishAsync();
        Assert.Equal("new"u8.ToArray(), drive.Bucket.Bytes("p/a/../d"));
        Assert.Equal(TestDrive.Text("p/.."), drive.Bucket.Bytes("p/plain"));
        Assert.Equal(TestDrive.Text("p/q‛FF"), drive.Bucket.Bytes("p/a//."));
        Assert.DoesNotContain("p/n\0ul", drive.Bucket.Keys());
        Assert.DoesNotContain("p/..", drive.Bucket.Keys());
    }

    [Fact]
    public async Task A_file_beside_a_folder_of_its_name_is_shown_under_another_and_is_the_same_file()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/a", TestDrive.Text("file"));
        drive.Bucket.Put("p/a/b", TestDrive.Text("below"));
        Assert.Equal(["a", "a‛"], await drive.NamesAsync(""));
        Assert.Equal("file"u8.ToArray(), await drive.LoadAsync("a‛"));
        Assert.Equal("below"u8.ToArray(), await drive.LoadAsync("a/b"));
        var id = (await drive.NodeAsync("a‛")).Id;

        await drive.SaveAsync("a‛", TestDrive.Text("changed"));
        await drive.PublishAsync();
        Assert.Equal("changed"u8.ToArray(), drive.Bucket.Bytes("p/a"));
        drive.Bucket.Put("p/new", []);
        Assert.Equal(["a", "a‛", "new"], await drive.NamesAsync(""));
        Assert.Equal(id, (await drive.NodeAsync("a‛")).Id);

        Assert.Null(await drive.RenameAsync("a‛", "c"));
        await drive.PublishAsync();
        Assert.Equal(["p/a/b", "p/c", "p/new"], drive.Bucket.Keys().Where(key => !key.EndsWith('/')));
    }

    [Fact]
    public async Task A_folder_that_appears_beside_a_file_leaves_both_also_when_the_file_waits_to_be_sent()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/clean", TestDrive.Text("1"));
        await drive.SaveAsync("dirty", TestDrive.Text("mine"));
        Assert.Equal(["clean", "dirty"], await drive.NamesAsync(""));
        var id = (await drive.NodeAsync("clean")).Id;
        drive.Bucket.Put("p/clean/x", []);
        drive.Bucket.Put("p/dirty/x", []);
        Assert.Equal(["clean", "clean‛", "dirty", "dirty‛"], await drive.NamesAsync(""));
        Assert.Equal(id, (await drive.NodeAsync("clean‛")).Id);
        Assert.Equal(["x"], await drive.NamesAsync("dirty"));
        await drive.PublishAsync();
        Assert.Equal("mine"u8.ToArray(), drive.Bucket.Bytes("p/dirty"));

        // Once the folder is gone the file has its plain name again.
        drive.Bucket.Delete("p/clean/x");
        Assert.Equal(["clean", "dirty", "dirty‛"], await drive.NamesAsync(""));
        Assert.Equal(id, (await drive.NodeAsync("clean")).Id);
    }

    [Fact]
    public async Task A_file_that_another_client_replaces_by_a_folder_and_back_is_seen()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/a", TestDrive.Text("file"));
        Assert.Equal(["a"], await drive.NamesAsync(""));
        drive.Bucket.Delete("p/a");
        drive.Bucket.Put("p/a/b", TestDrive.Text("below"));
        Assert.Equal(["a"], await drive.NamesAsync(""));
        Assert.Equal(["b"], await drive.NamesAsync("a"));
        drive.Bucket.Delete("p/a/b");
        drive.Bucket.Put("p/a", TestDrive.Text("again"));
        Assert.Equal(["a"], await drive.NamesAsync(""));
        Assert.Equal("again"u8.ToArray(), await drive.LoadAsync("a"));
    }

    [Fact]
    public async Task A_key_never_has_two_files()
    {
        await using var drive = new TestDrive();
        Assert.Null(await drive.MakeDirectoryAsync("a"));
        await drive.SaveAsync("a‛", TestDrive.Text("beside")); // both kinds, made here
        Assert.Null(await drive.RenameAsync("a", "b"));
        Assert.Equal(FsErrorKind.Exists, await CreateErrorAsync(drive, "a")); // "a‛" still is the key "a"
        await drive.SaveAsync("f", []);
        Assert.Equal(FsErrorKind.Exists, (await drive.RenameAsync("f", "a"))?.Kind);
        Assert.Null(await drive.RenameAsync("a‛", "a"));
        await drive.PublishAsync();
        Assert.Equal("beside"u8.ToArray(), drive.Bucket.Bytes("p/a"));

        Assert.Equal(FsErrorKind.InvalidName, await CreateErrorAsync(drive, "nobody‛")); // no folder "nobody"
        Assert.Equal(FsErrorKind.InvalidName, (await drive.MakeDirectoryAsync("b‛"))?.Kind);
        Assert.Equal(FsErrorKind.InvalidName, (await drive.RenameAsync("b", "a‛"))?.Kind);
        Assert.Equal(FsErrorKind.InvalidName, await CreateErrorAsync(drive, "‛‛")); // its key would be the folder's
        Assert.Equal(FsErrorKind.InvalidName, await CreateErrorAsync(drive, "‛"));
        Assert.Null(await drive.MakeDirectoryAsync("‛‛"));
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        Assert.Equal(FsErrorKind.InvalidName, (await drive.RenameAsync("d", "f‛", RenameMode.NoReplace))?.Kind);
        await drive.SaveAsync("d‛", []);
        Assert.Equal(FsErrorKind.InvalidName, (await drive.RenameAsync("d", "d‛", RenameMode.Exchange))?.Kind);
        Assert.Equal(FsErrorKind.Exists, (await drive.RenameAsync("d", "f", RenameMode.Exchange))?.Kind);
    }

    [Fact]
    public async Task The_agents_own_folder_is_neither_shown_nor_made()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/.syncagent/parked-7", TestDrive.Text("parked"));
        Assert.Empty(await drive.NamesAsync(""));
        Assert.Equal(FsErrorKind.NotPermitted, (await drive.MakeDirectoryAsync(".syncagent"))?.Kind);
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        Assert.Equal(FsErrorKind.NotPermitted, (await drive.RenameAsync("d", ".syncagent"))?.Kind);
        Assert.Null(await drive.MakeDirectoryAsync("d/.syncagent"));
    }

    [Fact]
    public async Task Random_keys_of_a_bucket_all_have_a_name_and_its_bytes()
    {
        await using var drive = new TestDrive();
        var random = new Random(5);
        string[] segments = ["", ".", "..", "a", "‛", "a‛", "‛‛", ".‛", "\0", "‛00", "‛.", "b"];
        for (var i = 0; i < 300; i++)
        {
            var key = string.Join('/', random.GetItems(segments, random.Next(1, 4))) + (random.Next(4) == 0 ? "/" : "");
            if (key is not ("" or "/")) drive.Bucket.Put("p/" + key, key.EndsWith('/') ? [] : TestDrive.Text(key));
        }

        var seen = new List<string>();
        await WalkAsync("", "");
        Assert.Equal(drive.Bucket.Keys().Where(key => !key.EndsWith('/')).Select(key => key[2..]).Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
        Assert.Equal(0, drive.Files.ReadHidden().Count);

        async Task WalkAsync(string path, string key)
        {
            foreach (var name in await drive.NamesAsync(path))
            {
                var at = path.Length == 0 ? name : $"{path}/{name}";
                var below = key + KeyNames.ToSegment(name);
                if ((await drive.NodeAsync(at)).Kind == NodeKind.Directory)
                {
                    await WalkAsync(at, below + "/");
                }
                else
                {
                    Assert.Equal(TestDrive.Text(below), await drive.LoadAsync(at));
                    seen.Add(below);
                }
            }
        }
    }

    [Fact]
    public async Task A_refresh_shows_what_changed_whatever_the_age_of_the_listing()
    {
        await using var drive = new TestDrive(new CoreOptions { Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.FromDays(1) });
        drive.Bucket.Put("p/d/e/f", TestDrive.Text("1"));
        Assert.Equal(["f"], await drive.NamesAsync("d/e"));
        drive.Bucket.Put("p/d/e/g", TestDrive.Text("2"));
        drive.Bucket.Put("p/d/h", TestDrive.Text("3"));
        drive.Bucket.Put("p/new/i", TestDrive.Text("4"));
        Assert.Equal(["f"], await drive.NamesAsync("d/e"));
        var dropped = new List<FsInvalidation>();
        drive.Files.Invalidated += dropped.Add;

        Assert.Equal(1, (await drive.Files.RefreshAsync("d/e/f", recursive: false, TestContext.Current.CancellationToken)).Value);
        Assert.Equal(["f", "g"], await drive.NamesAsync("d/e"));
        Assert.Equal(new FsInvalidation((await drive.NodeAsync("d/e")).Id, "g"), Assert.Single(dropped));
        Assert.Equal(["e"], await drive.NamesAsync("d"));
        Assert.Equal(3, (await drive.Files.RefreshAsync("", recursive: true, TestContext.Current.CancellationToken)).Value);
        Assert.Equal(["e", "h"], await drive.NamesAsync("d"));
        Assert.Equal(["d", "new"], await drive.NamesAsync(""));
        drive.Bucket.Put("p/later/x", []);
        Assert.Equal(1, (await drive.Files.RefreshAsync("later", recursive: true, TestContext.Current.CancellationToken)).Value);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.RefreshAsync("never", recursive: false, TestContext.Current.CancellationToken)).Error?.Kind);
        drive.Bucket.Away = true;
        Assert.Equal(FsErrorKind.Offline, (await drive.Files.RefreshAsync("d", recursive: false, TestContext.Current.CancellationToken)).Error?.Kind);
    }

    private static async Task<FsErrorKind?> CreateErrorAsync(TestDrive drive, string path)
    {
        var (parent, name) = await drive.SplitAsync(path);
        return (await drive.Files.CreateAsync(drive.Context, parent, name, 0b110_100_100, OpenFlags.Write)).Error?.Kind;
    }
}
