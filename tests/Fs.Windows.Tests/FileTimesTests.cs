namespace SyncAgent.Fs.Windows.Tests;

public sealed class FileTimesTests
{
    [Theory]
    [InlineData(0L, 116_444_736_000_000_000ul)]
    [InlineData(1_700_000_000_123_456_700L, 133_444_736_001_234_567ul)]
    [InlineData(-8_520_336_000L * 1_000_000_000, 31_241_376_000_000_000ul)] // 1700
    public void Times_come_back(long unix, ulong fileTime)
    {
        Assert.Equal(fileTime, FileTimes.FromUnix(unix));
        Assert.Equal(unix, FileTimes.ToUnix(fileTime));
    }

    [Fact]
    public void What_the_other_side_cannot_hold_is_the_nearest_that_it_can()
    {
        Assert.Equal(long.MinValue / 100 * 100, FileTimes.ToUnix(0));
        Assert.Equal(long.MaxValue / 100 * 100, FileTimes.ToUnix(ulong.MaxValue));
        Assert.Equal(133_444_736_001_234_567ul, FileTimes.FromUtc(new DateTimeOffset(2023, 11, 14, 22, 13, 20, TimeSpan.Zero).AddTicks(1_234_567)));
        Assert.Equal(0ul, FileTimes.FromUtc(new DateTimeOffset(1601, 1, 1, 0, 0, 0, TimeSpan.Zero)));
    }
}
