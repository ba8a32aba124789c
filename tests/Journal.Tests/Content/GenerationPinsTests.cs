namespace SyncAgent.Journal.Tests;

public sealed class GenerationPinsTests
{
    [Fact]
    public void What_is_sent_is_not_folded_away_and_what_is_folded_is_not_sent()
    {
        var pins = new GenerationPins();
        var first = pins.TryPin(1)!;
        var second = pins.TryPin(1)!;
        Assert.Null(pins.TryFold(1));
        first.Dispose();
        first.Dispose(); // twice is once
        Assert.Null(pins.TryFold(1));
        second.Dispose();
        using (var fold = pins.TryFold(1))
        {
            Assert.NotNull(fold);
            Assert.Null(pins.TryPin(1));
            Assert.Null(pins.TryFold(1));
            Assert.NotNull(pins.TryPin(2));
        }

        Assert.NotNull(pins.TryPin(1));
    }
}
