using SyncAgent.Tray.Model;

namespace SyncAgent.Tray.Tests.Model;

public sealed class WordsTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(5L << 30, "5 GiB")]
    public void Sizes_are_written_as_on_the_command_line(long bytes, string text) => Assert.Equal(text, Words.Size(bytes));

    [Theory]
    [InlineData(0, 0, 100)]
    [InlineData(999, 1000, 99)]
    [InlineData(1000, 1000, 100)]
    [InlineData(long.MaxValue - 1, long.MaxValue, 99)]
    public void Hundred_per_cent_means_that_nothing_is_left(long sent, long total, long percent) => Assert.Equal(percent, Words.Percent(sent, total));

    [Fact]
    public void Names_that_would_break_a_menu_are_mended()
    {
        Assert.Equal("a\uFFFDb", Words.Name("a\nb"));
        Assert.Equal("abcd…yz", Words.Name("abcdefghijklmnopqrstuvwxyz", 7));
        Assert.Equal("abcdef…", Words.Sentence("abcdefghijklmnopqrstuvwxyz", 7));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(41)]
    [InlineData(42)]
    [InlineData(43)]
    public void No_character_is_cut_in_half(int most)
    {
        var smiles = string.Concat(Enumerable.Repeat("\U0001F600", 60));
        foreach (var cut in (string[])[Words.Name(smiles, most), Words.Sentence(smiles, most)])
        {
            Assert.InRange(cut.Length, most - 2, most);
            Assert.DoesNotContain('\uFFFD', string.Concat(cut.EnumerateRunes()));
        }
    }

    [Theory]
    [InlineData("/home/me/drive", "drive", "/home/me")]
    [InlineData("/", "/", "/")]
    [InlineData("/top", "top", "/top")]
    public void Paths_have_a_name_and_a_folder(string path, string name, string folder)
    {
        Assert.Equal(name, Words.NameOf(path));
        Assert.Equal(folder, Words.FolderOf(path));
    }
}
