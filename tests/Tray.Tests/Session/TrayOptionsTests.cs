namespace SyncAgent.Tray.Tests.Session;

public sealed class TrayOptionsTests
{
    [Fact]
    public void Options_are_read_and_mistakes_are_told_with_the_usage()
    {
        Assert.True(TrayOptions.TryParse([], out var none, out _));
        Assert.Equal(new TrayOptions(null, null, false, false, false), none);
        Assert.True(TrayOptions.TryParse(["--state", "/s", "--autostart", "off"], out var some, out _));
        Assert.Equal(new TrayOptions("/s", false, false, false, false), some);
        foreach (string[] wrong in (string[][])[["--state"], ["--autostart"], ["--autostart", "maybe"], ["what"]])
        {
            Assert.False(TrayOptions.TryParse(wrong, out _, out var error));
            Assert.Contains(wrong[0], error, StringComparison.Ordinal);
            Assert.Contains(TrayOptions.Usage, error, StringComparison.Ordinal);
        }
    }
}
