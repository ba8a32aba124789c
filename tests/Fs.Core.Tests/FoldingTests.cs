namespace SyncAgent.Fs.Core.Tests;

/// <summary>Names found whatever their case.</summary>
public sealed class FoldingTests
{
    [Fact]
    public async Task All_names_that_differ_by_case_are_found_in_ordinal_order()
    {
        await using var drive = new TestDrive();
        foreach (var name in (string[])["b", "Straße", "STRASSE", "a", "A", "ä", "Ä"]) drive.Bucket.Put("p/" + name, []);
        Assert.Equal(["A", "a"], await FindAsync(drive, "a"));
        Assert.Equal(["A", "a"], await FindAsync(drive, "A"));
        Assert.Equal(["Ä", "ä"], await FindAsync(drive, "ä"));
        Assert.Equal(["Straße"], await FindAsync(drive, "STRAßE"));
        Assert.Empty(await FindAsync(drive, "none"));
    }

    [Fact]
    public async Task What_is_made_renamed_and_removed_is_followed()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("name", []);
        Assert.Equal(["name"], await FindAsync(drive, "NAME"));
        await drive.SaveAsync("NAME", []);
        Assert.Equal(["NAME", "name"], await FindAsync(drive, "Name"));
        Assert.Null(await drive.RenameAsync("NAME", "Name"));
        Assert.Equal(["Name", "name"], await FindAsync(drive, "name"));
        Assert.Null(await drive.UnlinkAsync("name"));
        Assert.Equal(["Name"], await FindAsync(drive, "name"));
        Assert.Null(await drive.MakeDirectoryAsync("d"));
        Assert.Null(await drive.RenameAsync("Name", "d/other"));
        Assert.Empty(await FindAsync(drive, "name"));
        Assert.Null(await drive.RenameAsync("d", "E"));
        Assert.Equal(["other"], await FindAsync(drive, "OTHER", "E"));
    }

    [Fact]
    public async Task What_is_known_is_found_while_the_store_is_away_and_what_is_not_is_not_denied()
    {
        await using var drive = new TestDrive();
        drive.Bucket.Put("p/remote", []);
        await drive.SaveAsync("local", []);
        await drive.LoseListingsAsync();
        drive.Bucket.Away = true;
        Assert.Equal(["local"], await FindAsync(drive, "LOCAL"));
        var unknown = await drive.Files.LookupFoldedAsync(drive.Context, drive.Files.Root, "REMOTE");
        Assert.Equal(FsErrorKind.Offline, unknown.Error!.Kind);
        drive.Bucket.Away = false;
        Assert.Equal(["remote"], await FindAsync(drive, "REMOTE"));
    }

    [Fact]
    public async Task Only_folders_and_names_are_asked()
    {
        await using var drive = new TestDrive();
        await drive.SaveAsync("f", []);
        var file = (await drive.NodeAsync("f")).Id;
        Assert.Equal(FsErrorKind.NotDirectory, (await drive.Files.LookupFoldedAsync(drive.Context, file, "x")).Error!.Kind);
        Assert.Equal(FsErrorKind.InvalidName, (await drive.Files.LookupFoldedAsync(drive.Context, drive.Files.Root, "a/b")).Error!.Kind);
        Assert.Equal(FsErrorKind.NotFound, (await drive.Files.LookupFoldedAsync(drive.Context, new NodeId(long.MaxValue), "x")).Error!.Kind);
    }

    private static async Task<IEnumerable<string>> FindAsync(TestDrive drive, string name, string folder = "")
    {
        var parent = folder.Length == 0 ? drive.Files.Root : (await drive.NodeAsync(folder)).Id;
        return (await drive.Files.LookupFoldedAsync(drive.Context, parent, name)).Value.Select(entry => entry.Name);
    }
}
