namespace SyncAgent.Store.Tests;

public sealed class BandwidthLimiterTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly BandwidthLimiter _limiter;

    public BandwidthLimiterTests() => _limiter = new BandwidthLimiter(_time);

    public void Dispose() => _limiter.Dispose();

    [Fact]
    public async Task Without_a_limit_everything_passes_at_once() => Assert.Equal(1 << 20, await _limiter.TakeAsync(1 << 20, default));

    [Theory]
    [InlineData(10_000, 1, 300, 10)]
    [InlineData(10_000, 8, 300, 10)]
    [InlineData(1_000_000, 3, 60, 10)]
    [InlineData(1_000_000, 32, 60, 10)]
    [InlineData(100_000_000, 32, 20, 1)]
    public void The_rate_is_kept_and_shared_fairly(long rate, int readers, int seconds, int stepMilliseconds)
    {
        _limiter.BytesPerSecond = rate;
        var crowd = new Crowd(_limiter, readers);
        var step = TimeSpan.FromMilliseconds(stepMilliseconds);
        crowd.Run(_time, TimeSpan.FromSeconds(10), step);
        var before = crowd.Totals;
        crowd.Run(_time, TimeSpan.FromSeconds(seconds), step);
        var passed = crowd.Totals.Zip(before, (after, then) => after - then).ToList();
        Assert.InRange(passed.Sum(), rate * seconds * 0.99, rate * seconds * 1.01);
        Assert.True(passed.Min() > 0.95 * passed.Max(), $"{passed.Min()} to {passed.Max()}");
    }

    [Theory]
    [InlineData(10_000, 64 * 1024)]
    [InlineData(1_000_000, 250_000)]
    public void After_a_pause_a_quarter_second_may_pass_at_once(long rate, long burst)
    {
        _limiter.BytesPerSecond = rate;
        _time.Advance(TimeSpan.FromHours(1));
        var crowd = new Crowd(_limiter, 1);
        crowd.Run(_time, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.InRange(crowd.Totals.Sum(), burst - (64 * 1024), burst);
    }

    [Fact]
    public void A_change_holds_at_once_for_those_who_wait()
    {
        _limiter.BytesPerSecond = 100_000_000;
        var crowd = new Crowd(_limiter, 4);
        crowd.Run(_time, TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(1));
        _limiter.BytesPerSecond = 10_000;
        // The bucket of the new rate is at most 64 KiB full.
        crowd.Run(_time, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10));
        var before = crowd.Totals.Sum();
        crowd.Run(_time, TimeSpan.FromSeconds(100), TimeSpan.FromMilliseconds(10));
        Assert.InRange(crowd.Totals.Sum() - before, 990_000, 1_010_000);

        before = crowd.Totals.Sum();
        _limiter.BytesPerSecond = 1_000_000;
        crowd.Run(_time, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10));
        Assert.InRange(crowd.Totals.Sum() - before, 9_900_000, 10_350_000);
    }

    [Fact]
    public async Task Lifting_the_limit_lets_everybody_pass()
    {
        _limiter.BytesPerSecond = 1;
        Drain(64 * 1024);
        var waiting = Enumerable.Range(0, 5).Select(_ => _limiter.TakeAsync(500_000, default).AsTask()).ToList();
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        _limiter.BytesPerSecond = 0;
        Assert.All(await Task.WhenAll(waiting), granted => Assert.Equal(500_000, granted));
        Assert.Equal(0, _limiter.Waiting);
    }

    [Fact]
    public async Task Those_who_give_up_make_room_for_those_behind_them()
    {
        _limiter.BytesPerSecond = 10_000;
        var (left, _) = Drain(64 * 1024);
        using var giveUp = new CancellationTokenSource();
        var first = _limiter.TakeAsync(4096, giveUp.Token).AsTask();
        var second = _limiter.TakeAsync(100, default).AsTask();
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        // The one that found the bucket empty, then the second.
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(4096, await left);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Equal(100, await second);
        Assert.Equal(0, _limiter.Waiting);
    }

    [Fact]
    public async Task What_was_not_used_goes_back()
    {
        _limiter.BytesPerSecond = 10_000;
        var (left, _) = Drain(4096);
        _time.Advance(TimeSpan.FromMilliseconds(410));
        Assert.Equal(4096, await left);
        var waiting = _limiter.TakeAsync(1000, default).AsTask();
        Assert.False(waiting.IsCompleted);
        _limiter.Return(1000);
        Assert.Equal(1000, await waiting);
    }

    [Fact]
    public async Task A_stream_pays_for_what_it_gives_and_for_nothing_at_its_end()
    {
        _limiter.BytesPerSecond = 10_000;
        await using var stream = new ThrottledStream(new ShortReads(new byte[20_000], 100), _limiter, 20_000);
        var buffer = new byte[20_000];
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal(20_000, stream.Position);
        // 64 KiB were in the bucket: 45,536 are left, whatever was asked for in between.
        var (_, rest) = Drain(1);
        Assert.Equal((64 * 1024) - 20_000, rest);
        Assert.Equal(0, await stream.ReadAsync(buffer));
    }

    /// <summary>Empties the bucket; gives whoever then waits, and what was in it.</summary>
    private (Task<int> Waiting, int Taken) Drain(int piece)
    {
        for (var total = 0; ;)
        {
            var taken = _limiter.TakeAsync(piece, default).AsTask();
            if (!taken.IsCompleted) return (taken, total);
            total += taken.GetAwaiter().GetResult();
        }
    }

    /// <summary>Readers that take as much as they get, stepped by the test's thread alone.</summary>
    private sealed class Crowd(BandwidthLimiter limiter, int readers)
    {
        private readonly Task<int>?[] _asked = new Task<int>?[readers];
        private readonly long[] _totals = new long[readers];

        public long[] Totals => [.. _totals];

        public void Run(ManualTime time, TimeSpan length, TimeSpan step)
        {
            Step();
            for (var passed = TimeSpan.Zero; passed < length; passed += step)
            {
                time.Advance(step);
                Step();
            }
        }

        private void Step()
        {
            for (var moved = true; moved;)
            {
                moved = false;
                for (var i = 0; i < readers; i++)
                {
                    _asked[i] ??= Take();
                    if (!Granted(_asked[i]!, out var granted)) continue;
                    _totals[i] += granted;
                    _asked[i] = null;
                    moved = true;
                }
            }
        }

        private Task<int> Take() => limiter.TakeAsync(1 << 20, default).AsTask();

        private static bool Granted(Task<int> asked, out int granted)
        {
            granted = asked.IsCompletedSuccessfully ? asked.GetAwaiter().GetResult() : 0;
            return asked.IsCompletedSuccessfully;
        }
    }

    private sealed class ShortReads(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer.Length > most ? buffer[..most] : buffer, cancellationToken);
    }
}
