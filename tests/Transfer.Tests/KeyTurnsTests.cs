namespace SyncAgent.Transfer.Tests;

public sealed class KeyTurnsTests
{
    [Fact]
    public void A_key_is_changed_by_one_at_a_time()
    {
        var turns = new KeyTurns();
        var first = turns.TryTake("a")!;
        Assert.Null(turns.TryTake("a"));
        using var other = turns.TryTake("b");
        Assert.NotNull(other);
        first.Dispose();
        using var second = turns.TryTake("a");
        Assert.NotNull(second);
        first.Dispose(); // given back twice: the second holder keeps it
        Assert.Null(turns.TryTake("a"));
    }
}
