using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Bandwidth as the store's log shows it.</summary>
public sealed class LimitTests
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public async Task A_limit_holds_and_is_lifted_while_a_file_is_under_way()
    {
        await using var rig = await Rig.StartAsync();
        // Small parts one after the other: the time at which each begins shows the rate.
        await rig.MountAsync(rig.MountLine("--limit-upload", "1MiB", "--part-size", "256KiB", "--multipart-threshold", "256KiB", "--parallel-parts", "1"));
        await rig.ListAsync();
        rig.MakeFile("source/file.bin", 16 * Mebibyte, seed: 80);
        await rig.ShAsync("""cp source/file.bin "$DRIVE"/""");
        var limited = DevStoreProcess.Parts(await rig.Store.PartsArrivedAsync(4 * Mebibyte)).Skip(1).ToList(); // the first finds a full bucket
        var lifted = (await rig.AgentAsync("limits", "--upload", "unlimited", "--state", rig.State)).Expect(0);
        Assert.Equal("limits: up unlimited (set by hand), down unlimited", lifted.Output.Trim());
        var before = (await rig.Store.LogAsync()).Max(call => call.Sequence);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();

        Assert.InRange(Rate(limited), 0.75 * Mebibyte, 1.25 * Mebibyte);
        var free = DevStoreProcess.Parts(await rig.Store.LogAsync()).Where(part => part.Sequence > before + 1).ToList();
        Assert.True(free.Count > 16, $"only {free.Count} parts were left when the limit was lifted");
        Assert.True(Rate(free) > 2 * Mebibyte, $"{Rate(free)} bytes per second without a limit");
    }

    /// <summary>Bytes per second from the begin of the first part to that of the last.</summary>
    private static double Rate(List<StoreRequest> parts) =>
        parts.SkipLast(1).Sum(part => part.BytesIn) / (parts[^1].Time - parts[0].Time).TotalSeconds;
}
