using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>What a killed upload left is damaged before the agent returns: each ends in a correct object or in a file that is
/// failed with its reason, never in a wrong object, never in a loop (P2, P4).</summary>
public class DamageTests
{
    /// <summary>One fresh start sends every part twice at most; anything above is a loop.</summary>
    private const int MostParts = 3 * Interrupted.PartCount;

    private const int MostRequests = 200;

    [Fact]
    public async Task An_upload_id_deleted_on_the_server_starts_again()
    {
        await using var rig = await Rig.MountedAsync();
        await Interrupted.UploadAsync(rig, seed: 10);
        Assert.Equal("1", await rig.ChangeBucketAsync("abort-all"));
        await ExpectArrivalAsync(rig);
    }

    [Theory]
    [InlineData("update part set etag='\\\"00000000000000000000000000000000\\\"' where number=(select min(number) from part)")]
    [InlineData("update part set crc=crc+1 where number=(select min(number) from part)")]
    [InlineData("update part set offset=offset+1")]
    [InlineData("delete from part where number>(select min(number) from part)")]
    [InlineData("delete from part")]
    [InlineData("update upload set part_size=part_size/2")]
    [InlineData("delete from upload")]
    public async Task Damaged_checkpoint_rows_cost_parts_but_never_the_object(string statement)
    {
        await using var rig = await Rig.MountedAsync();
        var log = await Interrupted.UploadAsync(rig, seed: 11);
        await Interrupted.DamageJournalAsync(rig, statement);
        await ExpectArrivalAsync(rig, mayLeave: IdOf(log));
    }

    [Fact]
    public async Task A_damaged_upload_id_starts_again()
    {
        await using var rig = await Rig.MountedAsync();
        var log = await Interrupted.UploadAsync(rig, seed: 12);
        await Interrupted.DamageJournalAsync(rig, "update upload set upload_id='0123456789ABCDEF0123456789ABCDEF'");
        await ExpectArrivalAsync(rig, mayLeave: IdOf(log));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flipped_bit_in_the_staged_bytes_is_told_and_never_sent_on(bool inSentPart)
    {
        await using var rig = await Rig.MountedAsync();
        var log = await Interrupted.UploadAsync(rig, seed: 13);
        var sent = DevStoreProcess.Parts(log).Where(part => part.Succeeded).Select(part => part.PartNumber!.Value);
        Interrupted.DamageStaging(rig, inSentPart ? (sent.Min() - 1) * Interrupted.PartSize + 17 : Interrupted.Size - 17);

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(1);

        var (path, state, reason) = await rig.OnlyProblemAsync();
        Assert.Equal((Interrupted.Name, "Failed"), (path, state));
        Assert.Contains("changed on disk", reason, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(rig.Work, "nothing"));
        (await rig.CompareAsync(Path.Combine(rig.Work, "nothing"))).ExpectSame();
        await ExpectNoLoopAsync(rig);
    }

    private static string IdOf(IEnumerable<StoreRequest> log) => log.Single(request => request.Operation == "InitiateMultipartUpload").UploadId!;

    /// <param name="rig">The rig, its agent dead.</param>
    /// <param name="mayLeave">An upload that nobody may abort any more, since the row that says whose it is was damaged.</param>
    private static async Task ExpectArrivalAsync(Rig rig, string? mayLeave = null)
    {
        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        var report = (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectSame();
        Assert.All(report.Uploads, upload => Assert.Equal(mayLeave, upload.Id));
        await ExpectNoLoopAsync(rig);
    }

    private static async Task ExpectNoLoopAsync(Rig rig)
    {
        var log = await rig.Store.QuietLogAsync();
        Assert.InRange(DevStoreProcess.Parts(log).Count(), 1, MostParts);
        Assert.InRange(log.Count, 1, MostRequests);
    }
}
