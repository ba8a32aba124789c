using SyncAgent.Store;

namespace SyncAgent.Transfer.Tests;

public sealed class PieceTests
{
    private static readonly StoreCapabilities Oss = new("oss", true, true, 5L << 30, 1L << 30, 100 * 1024, 5L << 30, 10_000);

    [Theory]
    [InlineData(17L << 20)]
    [InlineData(200L << 20)]
    [InlineData(2L << 30)]
    [InlineData(100L << 30)]
    [InlineData(5L << 40)]
    public void Parts_fit_the_store_and_risk_little(long size)
    {
        var options = new TransferOptions();
        var plan = PartPlan.For(size, options, Oss, 16 << 20);
        Assert.InRange(plan.Count, 1, 10_000);
        Assert.True(plan.PartSize >= 1 << 20);
        if (size >= 200L << 20) Assert.True(plan.PartSize * options.ParallelParts <= size * 3 / 100, $"{plan.PartSize} x 4 is above 3 % of {size}");
        Assert.Equal(size, Enumerable.Range(1, plan.Count).Sum(plan.LengthOf));
        Assert.Equal(size, plan.OffsetOf(plan.Count) + plan.LengthOf(plan.Count));
    }

    [Fact]
    public void A_configured_part_size_gives_way_only_to_the_limit_of_parts()
    {
        var options = new TransferOptions { PartSize = 8 << 20 };
        Assert.Equal(8 << 20, PartPlan.For(1L << 30, options, Oss, 16 << 20).PartSize);
        Assert.Equal(10_000, PartPlan.For(1L << 40, options, Oss, 16 << 20).Count);
    }

    [Fact]
    public void All_mistakes_in_the_options_are_told_at_once()
    {
        Assert.Empty(new TransferOptions().Validate());
        var wrong = new TransferOptions { PartSize = 1, ParallelParts = 0, FilesAtOnce = 1, MaxCancels = -1, QuietPeriod = TimeSpan.Zero };
        Assert.Equal(["PartSize", "ParallelParts", "FilesAtOnce", "LargeFilesAtOnce", "QuietPeriod", "MaxCancels"], wrong.Validate().Select(error => error.Split(' ')[0]));
    }

    [Fact]
    public async Task A_budget_admits_in_order_and_lets_a_giant_go_alone()
    {
        var budget = new PartBudget(100, 2);
        var first = await budget.AcquireAsync(60, default);
        var giant = budget.AcquireAsync(500, default);
        var small = budget.AcquireAsync(10, default);
        Assert.False(giant.IsCompleted || small.IsCompleted); // the small one does not overtake
        first.Dispose();
        var lease = await giant;
        Assert.Equal(500, budget.BytesInFlight);
        Assert.False(small.IsCompleted);
        lease.Dispose();
        (await small).Dispose();
        Assert.Equal((0, 0L), (budget.PartsInFlight, budget.BytesInFlight));
    }

    [Fact]
    public async Task A_cancelled_wait_frees_its_place_in_the_line()
    {
        var budget = new PartBudget(100, 1);
        var first = await budget.AcquireAsync(60, default);
        using var cancel = new CancellationTokenSource();
        var second = budget.AcquireAsync(60, cancel.Token);
        var third = budget.AcquireAsync(60, default);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();
        (await third).Dispose();
        Assert.Equal(0, budget.PartsInFlight);
    }

    [Fact]
    public void Backoff_doubles_with_jitter_to_its_limit()
    {
        var backoff = new Backoff(new TransferOptions(), seed: 1);
        Assert.InRange(backoff.Transient(1).TotalMilliseconds, 125, 250);
        Assert.InRange(backoff.Transient(4).TotalMilliseconds, 1000, 2000);
        Assert.All(Enumerable.Range(7, 100), attempts => Assert.InRange(backoff.Transient(attempts).TotalSeconds, 5, 10));
        Assert.Equal([10, 20, 40, 80, 120, 120], Enumerable.Range(1, 6).Select(cancels => backoff.Quiet(cancels).TotalSeconds));
    }
}
