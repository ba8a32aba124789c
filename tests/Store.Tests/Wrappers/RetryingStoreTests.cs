namespace SyncAgent.Store.Tests;

public class RetryingStoreTests
{
    private static readonly ObjectOptions CreateOnly = new() { ForbidOverwrite = true };

    private static readonly Dictionary<string, Func<IObjectStore, Task>> Repeatable = new()
    {
        ["list"] = s => s.ListAsync(new ListRequest(""), default),
        ["head"] = s => s.HeadAsync("k", default),
        ["get"] = s => s.GetAsync("k", null, null, default),
        ["put"] = s => s.PutAsync("k", BytesContent.Empty, ObjectOptions.None, default),
        ["delete"] = s => s.DeleteAsync("k", default),
        ["part"] = s => s.UploadPartAsync("k", "U", 1, BytesContent.Empty, default),
        ["part_copy"] = s => s.UploadPartCopyAsync("k", "U", 1, "s", null, new ByteRange(0, 1), default),
        ["list_parts"] = s => s.ListPartsAsync("k", "U", 0, default),
        ["abort"] = s => s.AbortMultipartAsync("k", "U", default),
        ["list_uploads"] = s => s.ListUploadsAsync("", null, null, default),
    };

    private static readonly Dictionary<string, Func<IObjectStore, Task>> Once = new()
    {
        ["put"] = s => s.PutAsync("k", BytesContent.Empty, CreateOnly, default),
        ["copy"] = s => s.CopyAsync("s", null, "k", false, ObjectOptions.None, default),
        ["initiate"] = s => s.InitiateMultipartAsync("k", ObjectOptions.None, default),
        ["complete"] = s => s.CompleteMultipartAsync("k", "U", [], ObjectOptions.None, default),
    };

    public static TheoryData<string> RepeatableCalls => [.. Repeatable.Keys];

    public static TheoryData<string> OnceCalls => [.. Once.Keys];

    [Theory]
    [MemberData(nameof(RepeatableCalls))]
    public async Task A_harmless_call_is_repeated_until_it_succeeds(string call)
    {
        var (inner, time, store) = Make(new RetryOptions());
        for (var i = 0; i < 4; i++) inner.Failures.Enqueue(new StoreException(StoreErrorKind.Network, "broken"));
        var running = Repeatable[call](store);
        var waits = await StepAsync(running, time, 4);
        await running;
        Assert.Equal(Enumerable.Repeat(call, 5), inner.Calls);
        Assert.All(waits, w => Assert.InRange(w, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [MemberData(nameof(OnceCalls))]
    public async Task A_call_that_may_have_happened_is_left_to_the_caller(string call)
    {
        var (inner, _, store) = Make(new RetryOptions());
        var failure = new StoreException(StoreErrorKind.Network, "broken") { MayHaveSucceeded = true };
        inner.Failures.Enqueue(failure);
        Assert.Same(failure, await Assert.ThrowsAsync<StoreException>(() => Once[call](store)));
        Assert.Equal([call], inner.Calls);
    }

    [Fact]
    public async Task Each_failure_that_is_repeated_is_told_and_the_last_is_only_thrown()
    {
        var inner = new ScriptedStore();
        var time = new ManualTime();
        var told = new List<StoreException>();
        var store = new RetryingStore(inner, new RetryOptions { Attempts = 3 }, time, new Random(1), onRepeat: told.Add);
        StoreException[] failures = [.. Enumerable.Range(0, 3).Select(i => new StoreException(StoreErrorKind.Network, $"broken {i}"))];
        foreach (var failure in failures) inner.Failures.Enqueue(failure);
        var running = store.HeadAsync("k", default);
        await StepAsync(running, time, 2);
        Assert.Same(failures[2], await Assert.ThrowsAsync<StoreException>(() => running));
        Assert.Equal(failures[..2], told);
    }

    [Fact]
    public async Task The_last_failure_is_thrown_when_the_attempts_are_used_up()
    {
        var (inner, time, store) = Make(new RetryOptions { Attempts = 3 });
        for (var i = 0; i < 3; i++) inner.Failures.Enqueue(new StoreException(StoreErrorKind.Unavailable, $"{i}"));
        var running = store.HeadAsync("k", default);
        await StepAsync(running, time, 2);
        Assert.Equal("2", (await Assert.ThrowsAsync<StoreException>(() => running)).Message);
        Assert.Equal(3, inner.Calls.Count);
    }

    [Theory]
    [InlineData(StoreErrorKind.NotFound)]
    [InlineData(StoreErrorKind.SourceChanged)]
    [InlineData(StoreErrorKind.AccessDenied)]
    [InlineData(StoreErrorKind.TokenExpired)]
    [InlineData(StoreErrorKind.PreconditionFailed)]
    public async Task What_will_not_pass_is_not_repeated(StoreErrorKind kind)
    {
        var (inner, _, store) = Make(new RetryOptions());
        inner.Failures.Enqueue(new StoreException(kind, "no"));
        await Assert.ThrowsAsync<StoreException>(() => store.PutAsync("k", BytesContent.Empty, ObjectOptions.None, default));
        Assert.Single(inner.Calls);
    }

    [Fact]
    public async Task Only_store_errors_are_repeated()
    {
        var (inner, _, store) = Make(new RetryOptions());
        inner.Failures.Enqueue(new InvalidOperationException("a bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.HeadAsync("k", default));
        Assert.Single(inner.Calls);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(300, 60)]
    public async Task The_wait_that_the_store_asks_for_is_kept_within_reason(int asked, int waited)
    {
        var (inner, time, store) = Make(new RetryOptions());
        inner.Failures.Enqueue(new StoreException(StoreErrorKind.Throttled, "slow") { RetryAfter = TimeSpan.FromSeconds(asked) });
        var running = store.HeadAsync("k", default);
        Assert.Equal([TimeSpan.FromSeconds(waited)], await StepAsync(running, time, 1));
        await running;
    }

    [Fact]
    public async Task Waits_grow_up_to_the_cap_and_depend_on_the_seed_alone()
    {
        var first = await WaitsAsync(seed: 1);
        Assert.Equal(first, await WaitsAsync(seed: 1));
        Assert.NotEqual(first, await WaitsAsync(seed: 2));
        Assert.True(first[..3].Max() < TimeSpan.FromSeconds(4));
        Assert.True(first[^5..].Min() > TimeSpan.FromSeconds(5), string.Join(' ', first));

        static async Task<List<TimeSpan>> WaitsAsync(int seed)
        {
            var (inner, time, store) = Make(new RetryOptions { Attempts = 16 }, seed);
            for (var i = 0; i < 15; i++) inner.Failures.Enqueue(new StoreException(StoreErrorKind.Network, "broken"));
            var running = store.HeadAsync("k", default);
            var waits = await StepAsync(running, time, 15);
            await running;
            Assert.All(waits, w => Assert.InRange(w, TimeSpan.Zero, TimeSpan.FromSeconds(10)));
            return waits;
        }
    }

    [Fact]
    public async Task Cancelling_ends_the_wait()
    {
        var (inner, time, store) = Make(new RetryOptions());
        inner.Failures.Enqueue(new StoreException(StoreErrorKind.Network, "broken"));
        using var cancel = new CancellationTokenSource();
        var running = store.HeadAsync("k", cancel.Token);
        await time.WaitForTimerAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Single(inner.Calls);
    }

    [Fact]
    public async Task One_attempt_repeats_nothing()
    {
        var (inner, _, store) = Make(new RetryOptions { Attempts = 1 });
        inner.Failures.Enqueue(new StoreException(StoreErrorKind.Network, "broken"));
        await Assert.ThrowsAsync<StoreException>(() => store.HeadAsync("k", default));
        Assert.Single(inner.Calls);
    }

    [Fact]
    public void Every_mistake_in_the_options_is_listed()
    {
        var options = new RetryOptions { Attempts = 0, BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero, MaxRequestedDelay = TimeSpan.FromDays(2) };
        Assert.Equal(4, options.Validate().Count);
        Assert.Throws<ArgumentException>(() => new RetryingStore(new ScriptedStore(), options, TimeProvider.System, new Random(1)));
    }

    private static (ScriptedStore Inner, ManualTime Time, IObjectStore Store) Make(RetryOptions options, int seed = 1)
    {
        var inner = new ScriptedStore();
        var time = new ManualTime();
        return (inner, time, new RetryingStore(inner, options, time, new Random(seed)));
    }

    /// <summary>Lets the given number of waits pass, and gives their lengths.</summary>
    private static async Task<List<TimeSpan>> StepAsync(Task running, ManualTime time, int waits)
    {
        var lengths = new List<TimeSpan>();
        for (var i = 0; i < waits; i++)
        {
            Assert.False(running.IsCompleted);
            var length = await time.WaitForTimerAsync();
            lengths.Add(length);
            time.Advance(length);
        }

        return lengths;
    }
}
