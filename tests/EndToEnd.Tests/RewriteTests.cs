using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A file that changes while it is sent (P2, P3).</summary>
public class RewriteTests
{
    private const long Size = 20 << 20;

    [Fact]
    public async Task A_file_rewritten_during_its_upload_arrives_new_although_size_and_time_are_the_same()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("old.bin", Size, seed: 3);
        rig.MakeFile("source/file.bin", Size, seed: 4);
        await rig.Store.LimitAsync(4 << 20);
        await rig.ShAsync("""cp old.bin "$DRIVE"/file.bin""");
        var log = await rig.Store.PartsArrivedAsync(Size / 4);
        var oldId = Assert.Single(log, request => request.Operation == "InitiateMultipartUpload").UploadId;

        await rig.ShAsync("""
            touch -r "$DRIVE"/file.bin stamp
            dd if=source/file.bin of="$DRIVE"/file.bin bs=1M conv=notrunc status=none
            touch -r stamp "$DRIVE"/file.bin
            test "$(stat -c %y "$DRIVE"/file.bin)" = "$(stat -c %y stamp)"
            """);
        await rig.Store.ClearFaultsAsync();
        (await rig.WaitAsync()).Expect(0);

        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        log = await rig.Store.LogAsync();
        Assert.Contains(log, request => request is { Operation: "AbortMultipartUpload", Status: 204 } && request.UploadId == oldId);
        Assert.DoesNotContain(log, request => request.Operation == "CompleteMultipartUpload" && request.UploadId == oldId);
        Assert.Equal(0, (await rig.Store.GaugesAsync()).OpenUploads);
    }
}
