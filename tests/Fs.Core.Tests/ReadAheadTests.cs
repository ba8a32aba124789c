using SyncAgent.Store;

namespace SyncAgent.Fs.Core.Tests;

/// <summary>What is asked for, how often, and for whom.</summary>
public class ReadAheadTests
{
    private const int Kernel = 128 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reader_that_goes_forward_fetches_each_byte_once_in_few_requests()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(64 << 20, 1);
        var content = rig.Put("k", bytes);
        AssertSame(bytes, await ReadRig.ReadForwardAsync(content));
        Assert.Equal(bytes.Length, rig.Bucket.Gets.Sum(range => range.Length));
        Assert.InRange(rig.Bucket.Gets.Count, 8, 48);
    }

    [Fact]
    public async Task The_next_range_is_asked_for_before_the_reader_runs_out()
    {
        await using var rig = new ReadRig();
        var content = rig.Put("k", ReadRig.Pattern(32 << 20, 2));
        await ReadRig.ReadForwardAsync(content, to: 4 << 20);

        // Whatever is read next is here or on its way already: nothing has to be asked for because of it.
        rig.Bucket.BeforeGet = (_, range, _) =>
        {
            Assert.True(range.Offset >= 5 << 20, $"asked for {range} only when it was read");
            return Task.CompletedTask;
        };
        await ReadRig.ReadForwardAsync(content, from: 4 << 20, to: 5 << 20);
    }

    [Fact]
    public async Task Reads_at_random_fetch_about_what_was_asked()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(64 << 20, 3);
        var content = rig.Put("k", bytes);
        var random = new Random(4);
        const int Reads = 300;
        for (var i = 0; i < Reads; i++)
        {
            var offset = random.Next(bytes.Length / 4096) * 4096;
            Assert.Equal(bytes[offset..(offset + 4096)], await ReadRig.ReadAsync(content, offset, 4096));
        }

        Assert.True(rig.Bucket.Gets.Count <= Reads + 10, $"{rig.Bucket.Gets.Count} requests");
        Assert.True(rig.Bucket.BytesRead <= Reads * Kernel * 11L / 10, $"{rig.Bucket.BytesRead} bytes");
    }

    [Fact]
    public async Task A_small_object_comes_in_one_request()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(1 << 20, 5);
        var content = rig.Put("k", bytes);
        Assert.Equal(bytes[500_000..500_010], await ReadRig.ReadAsync(content, 500_000, 10));
        AssertSame(bytes, await ReadRig.ReadForwardAsync(content));
        Assert.Equal([new ByteRange(0, 1 << 20)], rig.Bucket.Gets);
    }

    [Fact]
    public async Task Many_readers_of_an_object_share_its_downloads()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(16 << 20, 6);
        var content = rig.Put("k", bytes);
        var readers = Enumerable.Range(0, 32).Select(_ => Task.Run(() => ReadRig.ReadForwardAsync(content)));
        foreach (var read in await Task.WhenAll(readers)) Assert.True(bytes.AsSpan().SequenceEqual(read));
        Assert.Equal(bytes.Length, rig.Bucket.BytesRead);
    }

    [Fact]
    public async Task Each_of_several_readers_of_an_object_is_read_ahead_for()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(64 << 20, 7);
        var content = rig.Put("k", bytes);
        for (var at = 0; at < 8 << 20; at += Kernel)
        {
            foreach (var start in (long[])[0, 20 << 20, 40 << 20])
                AssertSame(bytes[(int)(start + at)..(int)(start + at + Kernel)], await ReadRig.ReadAsync(content, start + at, Kernel));
        }

        Assert.True(rig.Bucket.Gets.Count < 3 * 32, $"{rig.Bucket.Gets.Count} requests for 3 * 64 reads");
    }

    [Fact]
    public async Task The_first_bytes_are_given_before_the_rest_arrives()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(1 << 20, 8);
        var content = rig.Put("k", bytes);
        rig.Bucket.Body = (_, body) => new GatedStream(body, open: 64 * 1024);
        Assert.Equal(bytes[..32_768], await ReadRig.ReadAsync(content, 0, 32_768));
        Assert.Equal(64 * 1024, content.HeldBytes);
    }

    [Fact]
    public async Task A_download_ends_when_the_last_who_waits_for_it_gives_up()
    {
        await using var rig = new ReadRig();
        var content = rig.Put("k", ReadRig.Pattern(4 << 20, 9));
        var gates = new List<GatedStream>();
        rig.Bucket.Body = (_, body) =>
        {
            var gate = new GatedStream(body, open: 0);
            gates.Add(gate);
            return gate;
        };
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var one = ReadRig.ReadAsync(content, 0, 4096, first.Token);
        var two = ReadRig.ReadAsync(content, 8192, 4096, second.Token);
        await ReadRig.UntilAsync(() => gates.Count == 1 && gates[0].IsAsked);

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(gates[0].IsCancelled, "the other one still waits");
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
        await ReadRig.UntilAsync(() => gates[0].IsCancelled);
    }

    [Fact]
    public async Task What_was_asked_for_ahead_ends_when_nobody_has_the_object_open()
    {
        await using var rig = new ReadRig();
        var content = rig.Put("k", ReadRig.Pattern(32 << 20, 10));
        await ReadRig.ReadForwardAsync(content, to: 2 << 20);
        var gates = new List<GatedStream>();
        rig.Bucket.Body = (_, body) =>
        {
            var gate = new GatedStream(body, open: 0);
            lock (gates) gates.Add(gate);
            return gate;
        };
        var buffer = new byte[Kernel];
        for (var at = 2L << 20; content.TryRead(at, buffer) > 0; at += Kernel) await Task.Yield();
        await ReadRig.UntilAsync(() => Gates(gates) is { Count: > 0 } begun && begun.TrueForAll(gate => gate.IsAsked));
        rig.Contents.Close(content);
        await ReadRig.UntilAsync(() => Gates(gates).TrueForAll(gate => gate.IsCancelled));
    }

    [Fact]
    public async Task All_readers_together_have_no_more_on_its_way_than_the_limit()
    {
        const long Limit = 4 << 20;
        await using var rig = new ReadRig(new CoreOptions { StagingReserve = 0, ReadAheadLimit = Limit });
        var contents = Enumerable.Range(0, 8).Select(i => rig.Put($"k{i}", ReadRig.Pattern(8 << 20, i))).ToList();
        long onItsWay = 0;
        long most = 0;
        rig.Bucket.BeforeGet = (_, range, _) =>
        {
            InterlockedMax(ref most, Interlocked.Add(ref onItsWay, range.Length));
            return Task.CompletedTask;
        };
        rig.Bucket.Body = (range, body) => new GatedStream(body, long.MaxValue, () => Interlocked.Add(ref onItsWay, -range.Length));
        await Task.WhenAll(contents.Select(content => Task.Run(() => ReadRig.ReadForwardAsync(content))));

        // What a reader waits for is not read-ahead: a block, or its share of a window, for each.
        Assert.InRange(most, 1 << 20, Limit + (8L * (4 << 20)));
        Assert.Equal(8L * (8 << 20), rig.Bucket.BytesRead);
    }

    [Fact]
    public async Task A_body_that_breaks_is_asked_for_where_it_broke()
    {
        await using var rig = new ReadRig();
        var bytes = ReadRig.Pattern(1 << 20, 11);
        var content = rig.Put("k", bytes);
        rig.Bucket.Body = (range, body) => range.Length > 300_000 ? new GatedStream(body, open: 200_000) { BreaksAtGate = true } : body;
        AssertSame(bytes, await ReadRig.ReadAsync(content, 0, 1 << 20));
        Assert.True(rig.Bucket.Gets.Count is > 1 and < 10, $"{rig.Bucket.Gets.Count} requests");
    }

    [Fact]
    public async Task A_read_of_a_silent_store_ends_in_time_and_one_with_progress_goes_on()
    {
        await using var rig = new ReadRig();
        var content = rig.Put("k", ReadRig.Pattern(1 << 20, 12));
        GatedStream? gate = null;
        rig.Bucket.Body = (_, body) => gate = new GatedStream(body, open: 0);
        var read = ReadRig.ReadAsync(content, 900_000, 10);
        await ReadRig.UntilAsync(() => gate is { IsAsked: true });
        gate!.Open(500_000);
        await ReadRig.UntilAsync(() => content.HeldBytes > 0);
        rig.Time.Advance(rig.Options.ReadTimeout);
        Assert.False(read.IsCompleted);
        await ReadRig.UntilAsync(() => gate.IsAsked && rig.Time.ArmedTimers > 0);
        rig.Time.Advance(rig.Options.ReadTimeout);
        await ReadRig.UntilAsync(() => rig.Time.ArmedTimers > 1 || read.IsCompleted);
        rig.Time.Advance(rig.Options.ReadTimeout);
        var failure = await Assert.ThrowsAsync<StoreException>(() => read.WaitAsync(Cancellation));
        Assert.Equal(StoreErrorKind.Timeout, failure.Kind);
        await ReadRig.UntilAsync(() => gate.IsCancelled);
    }

    [Fact]
    public async Task A_read_of_cached_bytes_allocates_nothing()
    {
        await using var rig = new ReadRig();
        var content = rig.Put("k", ReadRig.Pattern(4 << 20, 13));
        await ReadRig.ReadForwardAsync(content);
        var buffer = new byte[Kernel];
        var allocated = long.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(Kernel, content.TryRead(0, buffer)); // a reader that begins is noted, once
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var at = Kernel; at < 4 << 20; at += Kernel) Assert.True(content.TryRead(at, buffer) == Kernel);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before); // the runtime's own, once, aside
        }

        Assert.Equal(0, allocated);
    }

    private static List<GatedStream> Gates(List<GatedStream> gates)
    {
        lock (gates) return [.. gates];
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            if (Interlocked.CompareExchange(ref target, value, seen) == seen) return;
        }
    }

    // Quicker than a comparison that shows where they differ.
    private static void AssertSame(byte[] expected, byte[] actual) => Assert.True(expected.AsSpan().SequenceEqual(actual), "other bytes");
}
