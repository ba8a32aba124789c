using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Transfer.Tests;

public sealed class DoubtfulCallsTests
{
    public static TheoryData<StoreErrorKind, bool, int, int> Waits => new()
    {
        { StoreErrorKind.Throttled, false, 20, 20 },
        { StoreErrorKind.Unavailable, true, 20, 20 },
        { StoreErrorKind.Throttled, false, 3600, 60 },
        { StoreErrorKind.Unavailable, true, 3600, 60 },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public async Task A_store_that_asks_for_a_pause_gets_it_up_to_a_minute(StoreErrorKind kind, bool leavesDoubt, int asked, int expected)
    {
        var time = new ManualTimeProvider();
        var calls = 0;
        var doubtful = new DoubtfulCalls(new FakeObjectStore(time), 3, new Backoff(new TransferOptions(), 1), time);
        var running = doubtful.RunAsync(
            () => ++calls == 1
                ? throw new StoreException(kind, "later") { RetryAfter = TimeSpan.FromSeconds(asked), MayHaveSucceeded = leavesDoubt }
                : Task.FromResult("done"),
            () => Task.FromResult<string?>(null), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(expected) - TimeSpan.FromTicks(1));
        Assert.Equal((1, 1), (calls, time.ArmedTimers));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("done", await running.WaitAsync(UploadRig.Watchdog, TestContext.Current.CancellationToken));
        Assert.Equal(2, calls);
    }
}
