using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

/// <summary>What is learnt of a link, step by step and without a clock.</summary>
public sealed class TransferLinkTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly StoreException Trouble = new(StoreErrorKind.Timeout, "no answer");
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(30);

    [Fact]
    public void One_part_more_after_each_round_without_an_error()
    {
        var link = new TransferLink(8);
        Assert.Equal(8, link.Parallelism);
        link.Failed(Trouble);
        Assert.Equal(4, link.Parallelism);
        for (var expected = 5; expected <= 8; expected++)
        {
            Send(link, expected - 2);
            Assert.Equal(expected - 1, link.Parallelism);
            Send(link, 1);
            Assert.Equal(expected, link.Parallelism);
        }

        Send(link, 100);
        Assert.Equal(8, link.Parallelism);
    }

    [Fact]
    public void An_error_begins_the_round_anew()
    {
        var link = new TransferLink(8);
        link.Failed(Trouble);
        Send(link, 3);
        link.Failed(Trouble);
        Assert.Equal(2, link.Parallelism);
        Send(link, 1);
        Assert.Equal(2, link.Parallelism);
        Send(link, 1);
        Assert.Equal(3, link.Parallelism);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void However_many_parts_fail_together_it_is_one_event(int failing)
    {
        var link = new TransferLink(8);
        for (var part = 0; part < 8; part++) link.PartBegan();
        for (var part = 0; part < failing; part++) link.Failed(Trouble);
        Assert.Equal(4, link.Parallelism);
    }

    [Fact]
    public void What_fails_after_the_parts_of_an_event_have_arrived_is_another_event()
    {
        var link = new TransferLink(8);
        for (var part = 0; part < 8; part++) link.PartBegan();
        link.Failed(Trouble);
        Assert.Equal(4, link.Parallelism);
        // The link never rests: where a part ends, the next begins.
        for (var part = 0; part < 5; part++) link.PartEnded(succeeded: true);
        for (var part = 0; part < 3; part++)
        {
            link.PartBegan();
            link.PartEnded(succeeded: true);
        }

        var before = link.Parallelism;
        link.Failed(Trouble);
        Assert.Equal(before / 2, link.Parallelism);
    }

    [Fact]
    public void Never_below_one_and_errors_for_good_say_nothing_about_the_link()
    {
        var link = new TransferLink(64);
        for (var time = 0; time < 20; time++) link.Failed(Trouble);
        Assert.Equal((1, Mebibyte), (link.Parallelism, link.PartSize));
        var other = new TransferLink(4);
        foreach (var kind in (StoreErrorKind[])[StoreErrorKind.AccessDenied, StoreErrorKind.NoSuchUpload, StoreErrorKind.SourceChanged])
            other.Failed(new StoreException(kind, "refused"));
        Assert.Equal((4, 16 * Mebibyte), (other.Parallelism, other.PartSize));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransferLink(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TransferLink(65));
    }

    [Fact]
    public void The_next_uploads_parts_shrink_with_errors_and_grow_after_clean_uploads()
    {
        var link = new TransferLink(4);
        Assert.Equal(16 * Mebibyte, link.PartSize);
        link.Failed(Trouble);
        Assert.Equal(8 * Mebibyte, link.PartSize);
        link.UploadSucceeded(); // not a clean one
        Assert.Equal(8 * Mebibyte, link.PartSize);
        link.UploadSucceeded();
        Assert.Equal(12 * Mebibyte, link.PartSize);
        for (var upload = 0; upload < 30; upload++)
        {
            link.UploadSucceeded();
            Assert.InRange(link.PartSize, Mebibyte, 64 * Mebibyte);
        }

        Assert.Equal(64 * Mebibyte, link.PartSize);
    }

    [Fact]
    public void A_size_that_the_link_bears_bounds_what_is_planned_and_one_that_was_set_does_not()
    {
        var store = new StoreCapabilities("oss", true, true, 5L << 30, 1L << 30, 100 * 1024, 5L << 30, 10_000);
        Assert.Equal(2 * Mebibyte, PartPlan.For(10L << 30, new TransferOptions(), store, 2 * Mebibyte).PartSize);
        Assert.Equal(8 * Mebibyte, PartPlan.For(10L << 30, new TransferOptions { PartSize = 8 * Mebibyte }, store, 2 * Mebibyte).PartSize);
        Assert.Equal(10_000, PartPlan.For(1L << 40, new TransferOptions(), store, 2 * Mebibyte).Count);
    }

    [Theory]
    [InlineData(3, 16)]
    [InlineData(5, 16)]
    [InlineData(10, 64)]
    public void Parallelism_settles_around_what_a_link_carries(int capacity, int most)
    {
        var link = new TransferLink(most);
        var inFlight = 0;
        var seen = new List<int>();
        long arrived = 0, failed = 0;
        for (var round = 0; round < 600; round++)
        {
            for (; inFlight < link.Parallelism; inFlight++) link.PartBegan();
            if (round >= 100) seen.Add(inFlight);
            // What is above the capacity times out together, and is sent again at once: it stays under way.
            for (var part = capacity; part < inFlight; part++, failed++) link.Failed(Trouble);
            for (var ending = Math.Min(capacity, inFlight); ending > 0; ending--, inFlight--, arrived++) link.PartEnded(succeeded: true);
        }

        Assert.InRange(seen.Max(), capacity + 1, capacity + 2); // it goes on trying for more
        Assert.InRange(seen.Average(), capacity / 2.0, capacity + 1);
        Assert.True(arrived > failed * 5, $"{failed} parts failed for {arrived} that arrived");
    }

    [Fact]
    public void Parallelism_settles_on_a_link_that_never_rests()
    {
        const int capacity = 6;
        var link = new TransferLink(32);
        var inFlight = 0;
        var seen = new List<int>();
        for (var step = 0; step < 5000; step++)
        {
            while (inFlight < link.Parallelism)
            {
                inFlight++;
                link.PartBegan();
                if (inFlight > capacity) link.Failed(Trouble); // the one too many; it is repeated
            }

            if (step >= 1000) seen.Add(inFlight);
            link.PartEnded(succeeded: true);
            inFlight--;
        }

        Assert.InRange(seen.Average(), capacity / 2.0, capacity + 1);
        Assert.InRange(seen.Max(), capacity, capacity * 2);
    }

    [Fact]
    public async Task One_at_once_is_strictly_in_sequence()
    {
        var running = 0;
        var order = new List<int>();
        await ParallelParts.RunAsync(Enumerable.Range(1, 50), new TransferLink(1), new TransferPause(), async (number, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            order.Add(number);
            await Task.Yield();
            Interlocked.Decrement(ref running);
        }, default);
        Assert.Equal(Enumerable.Range(1, 50), order);
    }

    [Fact]
    public async Task So_many_run_at_once_as_the_link_bears_now()
    {
        var link = new TransferLink(4);
        using var parts = new Steps();
        var all = ParallelParts.RunAsync(Enumerable.Range(1, 12), link, new TransferPause(), parts.RunAsync, default);
        await parts.BegunAsync(4);
        link.Failed(Trouble);
        parts.End(1);
        await parts.EndedAsync(1);
        Assert.Equal(4, parts.Begun); // two are allowed now, and three are under way
        parts.End(2);
        await parts.BegunAsync(5); // a round without an error: three are allowed
        for (var number = 3; number <= 12; number++)
        {
            await parts.BegunAsync(number);
            parts.End(number);
        }

        await all.WaitAsync(Watchdog);
    }

    [Fact]
    public async Task The_first_error_stops_the_others_and_is_told()
    {
        var link = new TransferLink(4);
        var begun = 0;
        var stopped = 0;
        var error = await Assert.ThrowsAsync<StoreException>(() => ParallelParts.RunAsync(Enumerable.Range(1, 100), link, new TransferPause(), async (number, stop) =>
        {
            if (Interlocked.Increment(ref begun) == 4) throw new StoreException(StoreErrorKind.AccessDenied, $"part {number}");
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            }
            finally
            {
                Interlocked.Increment(ref stopped);
            }
        }, default));
        Assert.Equal((StoreErrorKind.AccessDenied, 4, 3), (error.Kind, begun, stopped));
    }

    [Fact]
    public async Task A_cancelled_call_ends_when_its_parts_have_ended()
    {
        using var cancel = new CancellationTokenSource();
        using var parts = new Steps();
        var all = ParallelParts.RunAsync(Enumerable.Range(1, 9), new TransferLink(3), new TransferPause(), parts.RunAsync, cancel.Token);
        await parts.BegunAsync(3);
        await cancel.CancelAsync();
        Assert.False(all.IsCompleted); // these parts do not heed the token
        for (var number = 1; number <= 3; number++) parts.End(number);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => all.WaitAsync(Watchdog));
        Assert.Equal(3, parts.Begun);
    }

    [Fact]
    public async Task A_pause_lets_what_is_on_its_way_arrive_and_begins_nothing()
    {
        var pause = new TransferPause();
        using var parts = new Steps();
        var all = ParallelParts.RunAsync(Enumerable.Range(1, 4), new TransferLink(2), pause, parts.RunAsync, default);
        await parts.BegunAsync(2);
        pause.Pause();
        parts.End(1);
        parts.End(2);
        await parts.EndedAsync(2);
        Assert.Equal((2, false), (parts.Begun, all.IsCompleted));
        pause.Resume();
        await parts.BegunAsync(4);
        parts.End(3);
        parts.End(4);
        await all.WaitAsync(Watchdog);
    }

    private static void Send(TransferLink link, int parts)
    {
        for (var part = 0; part < parts; part++)
        {
            link.PartBegan();
            link.PartEnded(succeeded: true);
        }
    }

    /// <summary>Parts that end when they are told.</summary>
    private sealed class Steps : IDisposable
    {
        private readonly TaskCompletionSource[] _gates = [.. Enumerable.Range(0, 20).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))];
        private readonly SemaphoreSlim _changed = new(0);
        private int _begun;
        private int _ended;

        public int Begun => Volatile.Read(ref _begun);

        public async Task RunAsync(int number, CancellationToken stop)
        {
            Interlocked.Increment(ref _begun);
            _changed.Release();
            await _gates[number].Task;
            Interlocked.Increment(ref _ended);
            _changed.Release();
        }

        public void End(int number) => _gates[number].SetResult();

        public Task BegunAsync(int count) => UntilAsync(() => Begun >= count);

        public Task EndedAsync(int count) => UntilAsync(() => Volatile.Read(ref _ended) >= count);

        public void Dispose() => _changed.Dispose();

        private async Task UntilAsync(Func<bool> reached)
        {
            while (!reached()) Assert.True(await _changed.WaitAsync(Watchdog), "the parts did not get so far");
        }
    }
}
