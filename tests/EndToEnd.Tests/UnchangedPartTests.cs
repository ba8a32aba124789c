using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>A small change in a large file of the bucket.</summary>
public class UnchangedPartTests
{
    private const long Size = 256 << 20;

    [Fact]
    public async Task A_small_change_in_a_large_synced_file_sends_a_few_MiB()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/image.bin", Size, seed: 50);
        await rig.ShAsync("""cp source/image.bin "$DRIVE"/""");
        (await rig.WaitAsync()).Expect(0);
        var before = (await rig.Store.QuietLogAsync()).Count;
        var staged = await StagedAsync(rig);

        await rig.ShAsync("""
            for file in "$DRIVE"/image.bin source/image.bin; do
              head -c 4096 "$SYNCAGENT" | dd of="$file" bs=4096 count=1 seek=33333 conv=notrunc iflag=fullblock status=none
            done
            """);
        (await rig.WaitAsync()).Expect(0);

        var log = (await rig.Store.QuietLogAsync()).Skip(before).ToList();
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.InRange(log.Sum(request => request.BytesIn), 4096, 4 << 20);
        Assert.DoesNotContain(log, request => request.Operation == "GetObject");
        Assert.Contains(log, request => request is { Operation: "UploadPartCopy", Succeeded: true });
        Assert.InRange(await StagedAsync(rig) - staged, 0, 1 << 20); // nor was it copied here
    }

    /// <summary>Bytes that the staged files take on the disk.</summary>
    private static async Task<long> StagedAsync(Rig rig) => long.Parse(
        (await rig.ShAsync("du -s -B1 state/staging | cut -f1")).Trim(), provider: null);
}
