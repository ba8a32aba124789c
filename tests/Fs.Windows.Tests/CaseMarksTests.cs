using System.Text;
using SyncAgent.Fs.Core;

namespace SyncAgent.Fs.Windows.Tests;

public sealed class CaseMarksTests
{
    [Fact]
    public void No_letter_has_more_forms_than_a_mark_can_tell() => Assert.Equal(4, CaseMarks.MostForms);

    [Theory]
    [InlineData("readme.md", "readme\uF0FD5555.md")]
    [InlineData("README.md", "README\uF0FD0005.md")]
    [InlineData("A", "A\uF0FD")]
    [InlineData("con.txt", "\uF063on\uF0FD555.txt")]
    [InlineData(".bashrc", ".bashrc\uF0FD555")]
    public void A_mark_stands_before_the_extension(string name, string shown)
    {
        Assert.Equal(shown, WindowsNames.ToMarkedWindows(name));
        Assert.Equal(name, WindowsNames.FromWindows(shown, out var isMarked));
        Assert.True(isMarked);
    }

    [Fact]
    public void Names_that_fold_alike_are_told_apart_whatever_case_Windows_makes_of_them()
    {
        string[] letters = ["a", "A", "Σ", "σ", "ς", "ſ", "s", "S", "ι", "\u0345", "ᲄ", "т", "Т", "ǆ", "ǅ", "𐐀", "𐐨", "1", ".", "ß", "\uF0FD", "?", "f"];
        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var name = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => letters[random.Next(letters.Length)]));
            var shown = WindowsNames.ToMarkedWindows(name);
            Assert.Equal(name, WindowsNames.FromWindows(shown));
            Assert.Equal(name, WindowsNames.FromWindows(shown.ToUpperInvariant()));
            var other = string.Concat(name.EnumerateRunes().Select(rune => random.Next(2) == 0 ? Rune.ToUpperInvariant(rune) : Rune.ToLowerInvariant(rune)));
            if (other == name || CaseFolding.Fold(other) != CaseFolding.Fold(name)) continue;
            Assert.NotEqual(shown, WindowsNames.ToMarkedWindows(other), StringComparer.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void The_fold_of_the_core_is_the_fold_of_the_marks()
    {
        for (var value = 0; value <= 0x10FFFF; value++)
        {
            if (Rune.TryCreate(value, out var rune)) Assert.Equal(Rune.ToUpperInvariant(rune).ToString(), CaseFolding.Fold(rune.ToString()));
        }
    }
}
