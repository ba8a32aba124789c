namespace SyncAgent.Journal.Tests;

public sealed class KeyPinsTests
{
    [Fact]
    public void A_version_is_pinned_until_its_last_reader_is_gone()
    {
        var pins = new KeyPins();
        var (first, second) = (pins.Pin(1, "a", "e1"), pins.Pin(1, "a", "e1"));
        Assert.True(pins.IsPinned(1, At("a", "e1")));
        Assert.False(pins.IsPinned(1, At("a", "e2")));
        Assert.False(pins.IsPinned(2, At("a", "e1")));
        Assert.False(pins.IsPinned(1, At("a", null)));
        first.Dispose();
        first.Dispose(); // counts once
        Assert.True(pins.IsPinned(1, At("a", "e1")));
        second.Dispose();
        Assert.False(pins.IsPinned(1, At("a", "e1")));
    }

    private static RemoteState At(string key, string? etag) => new(key, etag, null, null, 0, 0, null, 0, Proof.Listed);
}
