using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary><c>syncagent pause</c> and <c>resume</c> in the middle of a large upload, with a kill in between.</summary>
public sealed class PauseTests
{
    private const int Mebibyte = 1 << 20;
    private const long Size = 20 * Mebibyte;

    /// <summary>What begins something in the bucket. Probes and lists go on.</summary>
    private static readonly string[] Writes = ["PutObject", "CopyObject", "DeleteObject", "InitiateMultipartUpload", "UploadPart", "CompleteMultipartUpload"];

    [Fact]
    public async Task A_paused_drive_sends_nothing_stays_usable_and_goes_on_after_a_kill_when_it_is_resumed()
    {
        await using var rig = await Rig.StartAsync();
        rig.MakeFile("source/large.bin", Size, seed: 60);
        await rig.ChangeBucketAsync("put", "remote.bin", rig.MakeFile("source/remote.bin", 3 * Mebibyte, seed: 61));
        await rig.MountAsync();
        await rig.ListAsync();
        await rig.Store.LimitAsync(3 * Mebibyte);
        await rig.ShAsync("""cp source/large.bin "$DRIVE"/""");
        await rig.Store.PartsArrivedAsync(4 * Mebibyte);
        // Little arrives while the command starts, however long that takes.
        await rig.Store.LimitAsync(Mebibyte / 2);
        Assert.Equal($"{rig.Drive}: paused", (await rig.AgentAsync("pause", "--state", rig.State)).Expect(0).Output.Trim());

        // What was on its way arrives, whole; then it is quiet.
        await rig.Store.ClearFaultsAsync();
        var held = await rig.Store.QuietLogAsync();
        Assert.All(DevStoreProcess.Parts(held), part => Assert.True(part.Succeeded && part.BytesIn == Mebibyte, $"{part}"));
        Assert.InRange(DevStoreProcess.Parts(held).Count(), 4, (Size / Mebibyte) - 2);

        await rig.ShAsync("""
            cmp source/large.bin "$DRIVE"/large.bin; cmp source/remote.bin "$DRIVE"/remote.bin
            mkdir source/folder; echo small > source/folder/small; cp -r source/folder "$DRIVE"/
            mv source/folder/small source/folder/renamed; mv "$DRIVE"/folder/small "$DRIVE"/folder/renamed; test "$(cat "$DRIVE"/folder/renamed)" = small
            mv source/remote.bin source/moved.bin; mv "$DRIVE"/remote.bin "$DRIVE"/moved.bin
            """);
        await ExpectPausedAsync(rig, held);

        await rig.KillAgentAsync();
        await rig.MountAsync();
        await rig.ListAsync();
        await ExpectPausedAsync(rig, held);
        await rig.ShAsync("""cmp source/large.bin "$DRIVE"/large.bin""");

        Assert.Equal($"{rig.Drive}: goes on", (await rig.AgentAsync("resume", rig.Drive, "--state", rig.State)).Expect(0).Output.Trim());
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal("ok", (string)(await rig.DriveStatusAsync())["health"]!["state"]!);
        var parts = DevStoreProcess.Parts(await rig.Store.LogAsync()).ToList();
        Assert.Single(parts.Select(part => part.UploadId).Distinct());
        Assert.Equal(Size, parts.Sum(part => part.BytesIn));
    }

    /// <summary>Status and all files say so, <c>wait</c> waits in vain, and the store has not been asked for anything new.</summary>
    private static async Task ExpectPausedAsync(Rig rig, IReadOnlyList<StoreRequest> held)
    {
        (await rig.AgentAsync("wait", "--state", rig.State, "--timeout", "1")).Expect(2);
        var status = await rig.DriveStatusAsync();
        Assert.Equal("paused", (string)status["health"]!["state"]!);
        var files = status["files"]!.AsObject();
        Assert.Equal(3, (int)files["paused"]!);
        Assert.False(files.ContainsKey("queued") || files.ContainsKey("uploading") || files.ContainsKey("closing"), files.ToJsonString());
        Assert.Equal(
            "paused paused paused",
            await rig.PythonAsync("print(*(os.getxattr(name, 'user.syncagent.state').decode() for name in ('large.bin', 'moved.bin', 'folder/renamed')))"));
        Assert.Equal(held.Count(IsWrite), (await rig.Store.QuietLogAsync()).Count(IsWrite));
    }

    private static bool IsWrite(StoreRequest request) => Writes.Contains(request.Operation);
}
