namespace SyncAgent.Fs.Core.Tests;

/// <summary>Files that the user's rules leave on this machine.</summary>
public sealed class IgnoreTests
{
    private static CoreOptions With(params string[] patterns) =>
        new() { Uid = 1000, Gid = 1000, StagingReserve = 0, ListingAge = TimeSpan.Zero, Ignore = patterns };

    [Theory]
    [InlineData(".DS_Store", true)]
    [InlineData("photos/.DS_Store", true)]
    [InlineData("._holiday.jpg", true)]
    [InlineData("~$letter.docx", true)]
    [InlineData(".~lock.table.ods#", true)]
    [InlineData(".notes.txt.swp", true)]
    [InlineData("notes.swp", false)]
    [InlineData("letter.docx", false)]
    [InlineData("letter.tmp", false)]
    [InlineData("film.part", false)]
    [InlineData("film.crdownload", false)]
    [InlineData("thumbs.db", false)]
    public void The_default_list_is_small(string path, bool ignored) =>
        Assert.Equal(ignored, new IgnoreList(IgnoreList.Defaults).Matches(path, isFolder: false));

    [Fact]
    public void A_folder_pattern_takes_all_below_it_and_no_file()
    {
        var list = new IgnoreList(["node_modules/", "/build"]);
        Assert.True(list.Matches("a/node_modules/", isFolder: true));
        Assert.True(list.Matches("a/node_modules/b/c", isFolder: false));
        Assert.False(list.Matches("a/node_modules", isFolder: false));
        Assert.True(list.Matches("build", isFolder: false));
        Assert.True(list.Matches("build/x", isFolder: false));
        Assert.False(list.Matches("a/build", isFolder: false));
    }

    [Fact]
    public async Task An_ignored_file_is_kept_and_shown_and_never_sent()
    {
        await using var drive = new TestDrive(With("*.junk", "cache/"));
        await drive.SaveAsync("a.junk", TestDrive.Text("kept"));
        Assert.Null(await drive.MakeDirectoryAsync("cache"));
        await drive.SaveAsync("cache/b", TestDrive.Text("kept too"));
        await drive.SaveAsync("c", TestDrive.Text("sent"));
        await drive.PublishAsync();
        Assert.Equal(["p/c"], drive.Bucket.Keys());
        Assert.Equal(Journal.Planning.FileState.Ignored, drive.Files.StateOf((await drive.NodeAsync("a.junk")).Id.Value));

        drive.KillAndRestart();
        Assert.Equal(["a.junk", "c", "cache"], await drive.NamesAsync(""));
        Assert.Equal(TestDrive.Text("kept too"), await drive.LoadAsync("cache/b"));
        await drive.PublishAsync();
        Assert.Equal(["p/c"], drive.Bucket.Keys());
        Assert.Equal(0, drive.Rows.Counts(drive.Drive.Id).Pending);
    }

    [Fact]
    public async Task A_file_renamed_from_an_ignored_name_is_sent_and_one_renamed_to_it_stays_synced()
    {
        await using var drive = new TestDrive(With("*.junk"));
        await drive.SaveAsync("a.junk", TestDrive.Text("a"));
        await drive.SaveAsync("b", TestDrive.Text("b"));
        await drive.PublishAsync();
        Assert.Null(await drive.RenameAsync("a.junk", "a"));
        Assert.Null(await drive.RenameAsync("b", "b.junk"));
        await drive.PublishAsync();
        await drive.PublishAsync();
        Assert.Equal(["p/a", "p/b.junk"], drive.Bucket.Keys());
        Assert.Equal(TestDrive.Text("a"), drive.Bucket.Bytes("p/a"));

        // One that was never sent stays here, also when it was due already.
        await drive.SaveAsync("c", TestDrive.Text("c"));
        Assert.Null(await drive.RenameAsync("c", "c.junk"));
        await drive.PublishAsync();
        Assert.Equal(["p/a", "p/b.junk"], drive.Bucket.Keys());
    }

    [Fact]
    public async Task A_folder_renamed_from_an_ignored_name_is_sent_with_all_below_it_after_a_restart_too()
    {
        await using var drive = new TestDrive(With("cache/"));
        Assert.Null(await drive.MakeDirectoryAsync("cache"));
        Assert.Null(await drive.MakeDirectoryAsync("cache/deep"));
        await drive.SaveAsync("cache/deep/a", TestDrive.Text("a"));
        drive.KillAndRestart();
        Assert.Null(await drive.RenameAsync("cache", "kept"));
        await drive.PublishAsync();
        await drive.PublishAsync();
        Assert.Equal(["p/kept/", "p/kept/deep/", "p/kept/deep/a"], drive.Bucket.Keys());
    }

    [Fact]
    public async Task What_the_rules_no_longer_name_is_sent_at_the_next_mount()
    {
        await using var drive = new TestDrive(With("*.junk"));
        await drive.SaveAsync("a.junk", TestDrive.Text("a"));
        await drive.PublishAsync();
        Assert.Empty(drive.Bucket.Keys());
        drive.Options = With();
        await drive.RestartAsync();
        await drive.PublishAsync();
        Assert.Equal(["p/a.junk"], drive.Bucket.Keys());
    }
}
