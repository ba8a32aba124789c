namespace SyncAgent.Fs.Core.Tests;

public sealed class HiddenKeysTests
{
    [Fact]
    public async Task Keys_that_no_name_can_show_are_counted_and_listed_until_they_are_gone()
    {
        await using var drive = new TestDrive();
        var longName = new string('x', 256);
        drive.Bucket.Put($"p/{longName}", TestDrive.Text("a"));
        drive.Bucket.Put($"p/{longName}/inside", TestDrive.Text("b"));
        drive.Bucket.Put("p/d/", TestDrive.Text("bytes in a marker"));
        drive.Bucket.Put("p/d/f", TestDrive.Text("c"));
        Assert.Equal(["d"], await drive.NamesAsync(""));
        Assert.Equal(["f"], await drive.NamesAsync("d"));
        var report = drive.Files.ReadHidden();
        Assert.Equal(
            [
                new HiddenKey("p/d/", HiddenReason.FolderWithContent), new HiddenKey($"p/{longName}", HiddenReason.NameTooLong),
                new HiddenKey($"p/{longName}/", HiddenReason.NameTooLong),
            ],
            report.Sample);
        Assert.Equal(3, report.Count);

        drive.Bucket.Delete($"p/{longName}/inside");
        Assert.Equal(["d"], await drive.NamesAsync(""));
        Assert.Equal(2, drive.Files.ReadHidden().Count);
        drive.Bucket.Delete("p/d/");
        drive.Bucket.Delete("p/d/f");
        Assert.Empty(await drive.NamesAsync(""));
        Assert.Equal($"p/{longName}", Assert.Single(drive.Files.ReadHidden().Sample).Key);
    }

    [Fact]
    public void The_list_is_bounded_and_the_count_is_not()
    {
        var hidden = new HiddenKeys();
        for (var directory = 0; directory < 30; directory++)
        {
            var found = new HiddenKeys.Found($"{directory}/");
            for (var i = 0; i < 5000; i++) found.Add($"{directory}/{i}", HiddenReason.NameTooLong);
            hidden.Replace(directory, found);
        }

        Assert.Equal((150_000, HiddenKeys.MaxSample), (hidden.Read((_, _) => true).Count, hidden.Read((_, _) => true).Sample.Count));
        Assert.Equal(5000, hidden.Read((directory, key) => directory == 7 && key == "7/").Count);
        Assert.Equal(100, hidden.Read((_, _) => true).Sample.Count);
    }
}
