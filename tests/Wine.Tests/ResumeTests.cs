using SyncAgent.EndToEnd.Tests.Support;
using SyncAgent.Wine.Tests.Support;

namespace SyncAgent.Wine.Tests;

/// <summary>The agent ends in the middle of a large upload, by a kill or by the end of the session, and goes on.</summary>
public sealed class ResumeTests(WineMachine machine)
{
    private const long Mebibyte = 1 << 20;
    private const long Size = 96 * Mebibyte;
    private const int ParallelParts = 4;

    [Fact]
    public async Task A_killed_upload_goes_on_from_its_finished_parts()
    {
        const string State = @"C:\kill-state";
        WineMachine.SkipUnlessWanted();
        var local = machine.MakeFile("kill/large.bin", Size, seed: 3);
        var before = (await machine.Store.LogAsync()).Count;
        var (agent, drive) = await machine.MountAsync("K:", "kill/", State);
        await machine.Store.LimitAsync(16 * Mebibyte);
        await drive.CopyInAsync(local, @"\large.bin");
        await PartsArrivedAsync(before, Size / 2);
        agent.Kill();
        await agent.WaitForExitAsync().WaitAsync(Poll.Patience);
        drive.Dispose();
        var first = DevStoreProcess.Parts((await machine.Store.QuietLogAsync()).Skip(before)).ToList();

        await machine.Store.ClearFaultsAsync();
        (agent, drive) = await machine.MountAsync("K:", "kill/", State);
        (await machine.AgentAsync("wait", "--state", State, "--timeout", "90")).Expect(0);
        (await machine.CompareAsync(Path.Combine(machine.Work, "kill"), "kill/")).ExpectClean();
        var all = DevStoreProcess.Parts((await machine.Store.LogAsync()).Skip(before)).ToList();
        var partSize = all.Max(part => part.BytesIn);
        var finished = first.Where(part => part.Succeeded).Select(part => part.PartNumber).ToHashSet();
        var begun = first.Where(part => part.BytesIn > 0).Select(part => part.PartNumber).ToHashSet();
        var second = all.Skip(first.Count).ToList();
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"killed after {finished.Count} of {(Size + partSize - 1) / partSize} parts of {partSize} bytes; {second.Count} parts after that, {all.Sum(part => part.BytesIn)} bytes in all");
        Assert.NotEmpty(second);
        // One whose answer was on its way when the agent died may come again; what it knew of does not.
        Assert.InRange(second.Where(part => begun.Contains(part.PartNumber)).Sum(part => part.BytesIn), 0, ParallelParts * partSize);
        Assert.True(finished.Count * partSize < Size * 3 / 4, "the kill came too late to prove anything");
        Assert.Single(all.Select(part => part.UploadId).Distinct());
        drive.Dispose();
        (await machine.AgentAsync("unmount", "K:")).Expect(0);
        if (!agent.HasExited) agent.Kill();
    }

    [Fact]
    public async Task The_end_of_the_session_unmounts_in_order_and_the_next_one_goes_on()
    {
        const string State = @"C:\session-state";
        WineMachine.SkipUnlessWanted();
        var local = machine.MakeFile("session/large.bin", Size / 2, seed: 4);
        var before = (await machine.Store.LogAsync()).Count;
        machine.ForgetDrive();
        (await machine.AgentAsync(["mount", "L:", .. machine.Target("session/"), "--state", State])).Expect(0);
        using (var drive = await machine.ConnectAsync())
        {
            await machine.Store.LimitAsync(8 * Mebibyte);
            await drive.CopyInAsync(local, @"\large.bin");
            await PartsArrivedAsync(before, 1);
        }

        await machine.WineAsync("wineboot", "--end-session");
        await Poll.UntilAsync(() => Log().Contains(@"L:\ is unmounted: ", StringComparison.Ordinal), "the end");
        Assert.Contains("the session is about to end; files are still on their way", Log(), StringComparison.Ordinal);
        Assert.DoesNotContain("nothing pending", Log(), StringComparison.Ordinal);

        await machine.Store.ClearFaultsAsync();
        machine.ForgetDrive();
        (await machine.AgentAsync(["mount", "L:", .. machine.Target("session/"), "--state", State])).Expect(0);
        (await machine.AgentAsync("wait", "--state", State, "--timeout", "90")).Expect(0);
        (await machine.CompareAsync(Path.Combine(machine.Work, "session"), "session/")).ExpectClean();
        Assert.Single(DevStoreProcess.Parts((await machine.Store.LogAsync()).Skip(before)).Select(part => part.UploadId).Distinct());
        (await machine.AgentAsync("unmount", "L:")).Expect(0);

        string Log()
        {
            using var file = new FileStream(machine.LinuxPath(State + @"\agent.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
    }

    private Task<IReadOnlyList<StoreRequest>> PartsArrivedAsync(int before, long bytes) => Poll.UntilAsync(
        machine.Store.LogAsync, log => DevStoreProcess.Parts(log.Skip(before)).Where(part => part.Succeeded).Sum(part => part.BytesIn) >= bytes, "parts in the store");
}
