namespace SyncAgent.Store.Tests;

public sealed class RateMeterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_steady_stream_has_its_rate()
    {
        var meter = new RateMeter(_time);
        Assert.Equal(0, meter.BytesPerSecond);
        for (var tenth = 0; tenth < 100; tenth++)
        {
            meter.Add(100);
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.InRange(meter.BytesPerSecond, 950, 1050);
    }

    [Fact]
    public void The_first_seconds_count_from_the_first_byte()
    {
        _time.Advance(TimeSpan.FromSeconds(100.7));
        var meter = new RateMeter(_time);
        _time.Advance(TimeSpan.FromSeconds(7.3));
        meter.Add(1000);
        _time.Advance(TimeSpan.FromSeconds(1));
        meter.Add(1000);
        Assert.InRange(meter.BytesPerSecond, 1000, 2000);
    }

    [Fact]
    public void One_buffer_at_once_is_no_speed_of_a_gigabyte()
    {
        var meter = new RateMeter(_time);
        meter.Add(1 << 20);
        Assert.InRange(meter.BytesPerSecond, 1 << 20, 2 << 20);
    }

    [Fact]
    public void What_stands_still_is_zero_and_begins_anew()
    {
        var meter = new RateMeter(_time);
        meter.Add(1 << 20);
        _time.Advance(RateMeter.Window + TimeSpan.FromSeconds(1));
        Assert.Equal(0, meter.BytesPerSecond);
        _time.Advance(TimeSpan.FromSeconds(100));
        meter.Add(1000);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1000, meter.BytesPerSecond);
    }
}
