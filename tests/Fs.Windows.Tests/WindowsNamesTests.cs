namespace SyncAgent.Fs.Windows.Tests;

public sealed class WindowsNamesTests
{
    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("a:b", "a\uF03Ab")]
    [InlineData("what?", "what\uF03F")]
    [InlineData("back\\slash", "back\uF05Cslash")]
    [InlineData("dot.", "dot\uF02E")]
    [InlineData("space ", "space\uF020")]
    [InlineData("CON", "\uF043ON")]
    [InlineData("con.txt", "\uF063on.txt")]
    [InlineData("Lpt9 .x", "\uF04Cpt9 .x")]
    [InlineData("CONSOLE", "CONSOLE")]
    [InlineData("tab\there", "tab\uF009here")]
    [InlineData("\uF03A", "\uF0FF\uF03A")]
    [InlineData("日本語", "日本語")]
    public void Names_have_one_form_that_Windows_can_show(string name, string shown)
    {
        Assert.Equal(shown, WindowsNames.ToWindows(name));
        Assert.Equal(name, WindowsNames.FromWindows(shown));
    }

    [Fact]
    public void Every_name_comes_back_and_no_two_share_a_form()
    {
        const string Alphabet = "aC:.? \\|\uF03A\uF0FF\uF000\uF0FECONnul19\u00E4";
        var random = new Random(7);
        var forms = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 20_000; i++)
        {
            var name = new string([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
            var shown = WindowsNames.ToWindows(name);
            Assert.Equal(name, WindowsNames.FromWindows(shown));
            Assert.Equal(name, forms.GetValueOrDefault(shown, name));
            forms[shown] = name;
            Assert.DoesNotContain(shown, c => c < ' ' || "\"*/:<>?\\|".Contains(c, StringComparison.Ordinal));
            Assert.False(shown[^1] is '.' or ' ');
        }
    }
}
