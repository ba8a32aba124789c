using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>kill -9 in the middle of a large upload, and the same mount line again (P4, P10).</summary>
public class ResumeTests
{
    private const long Mebibyte = 1 << 20;
    private const int ParallelParts = 4;

    private static readonly long Size = Places.Full ? 2048 * Mebibyte : 128 * Mebibyte;
    private static readonly long Limit = Places.Full ? 200 * Mebibyte : 40 * Mebibyte;
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_killed_upload_goes_on_from_its_finished_parts()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/large.bin", Size, seed: 2);
        await rig.Store.LimitAsync(Limit);
        await rig.ShAsync("""cp source/large.bin "$DRIVE"/""");
        await rig.Store.PartsArrivedAsync(Size / 2);
        await rig.KillAgentAsync();
        var first = DevStoreProcess.Parts(await rig.Store.QuietLogAsync()).ToList();

        await rig.Store.ClearFaultsAsync();
        var back = await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();

        var all = DevStoreProcess.Parts(await rig.Store.LogAsync()).ToList();
        var second = all.Skip(first.Count).ToList();
        var partSize = all.Max(part => part.BytesIn);
        var begun = first.Where(part => part.BytesIn > 0).Select(part => part.PartNumber).ToHashSet();
        var sentAgain = second.Where(part => begun.Contains(part.PartNumber)).Sum(part => part.BytesIn);
        var total = all.Sum(part => part.BytesIn);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"killed after {first.Count(part => part.Succeeded)} of {(Size + partSize - 1) / partSize} parts of {partSize} bytes; drive back after " +
            $"{back.TotalMilliseconds:F0} ms; {sentAgain} bytes again, {total} in all, {(double)total / Size:F4} of the file");

        Assert.NotEmpty(second);
        Assert.True(first.Count(part => part.Succeeded) * partSize < Size * 3 / 4, "the kill came too late to prove anything");
        Assert.InRange(sentAgain, 0, ParallelParts * partSize);
        Assert.InRange(total, Size, Size * 105 / 100);
        Assert.Single(all.Select(part => part.UploadId).Distinct());
        Assert.True(back < Generous, $"the drive was back after {back}");
    }
}
