using System.Diagnostics;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary><c>syncagent put</c>, killed in the middle, with the file changed behind its back: the bucket holds the file and nothing
/// else, and the official client says so.</summary>
public sealed class PutTests(PutStore shared) : IClassFixture<PutStore>
{
    [Fact]
    public async Task Killed_and_run_again_it_sends_only_what_is_missing()
    {
        var put = await PutRig.MakeAsync(shared, "killed");
        var id = await put.InterruptAsync();

        // The official client sees the upload and its parts.
        var parts = (await put.UploadsAsync("parts", put.Key, id)).AsArray();
        Assert.Equal(Enumerable.Range(1, PutRig.Parts).Except(PutRig.Missing), parts.Select(part => (int)part!["number"]!));
        Assert.All(parts, part => Assert.Equal(PutRig.PartSize, (int)part!["size"]!));

        var result = (await put.SendAsync()).Expect(0);
        var log = await put.CheckAsync();
        Assert.Equal(PutRig.Missing, PutRig.Sent(log));
        Assert.Equal(id, PutRig.Completed(log));
        Assert.Equal(PutRig.Size - ((PutRig.Parts - 2) * PutRig.PartSize), PutRig.SentBytes(result));
        Assert.Empty(Directory.EnumerateFiles(put.Checkpoints));
    }

    [Theory]
    [InlineData("replaced", "mv other.bin source/file.bin")]
    [InlineData("replaced-times-kept", "touch -r source/file.bin other.bin; cp -p other.bin source/.new; mv source/.new source/file.bin")]
    [InlineData("in-place-times-kept", "touch -r source/file.bin times; printf changed | dd of=source/file.bin bs=1 seek=5000 conv=notrunc status=none; touch -r times source/file.bin")]
    [InlineData("grown", "cat other.bin >> source/file.bin")]
    public async Task Another_file_is_never_mixed_with_the_one_before(string name, string change)
    {
        var put = await PutRig.MakeAsync(shared, name);
        var id = await put.InterruptAsync();
        put.Rig.MakeFile($"{name}/other.bin", PutRig.Size, seed: 2);
        var size = new FileInfo(put.FilePath).Length;
        await put.Rig.ShAsync($"cd {name}; {change}; rm -f source/.new");
        Assert.Equal(name == "grown" ? 2 * size : size, new FileInfo(put.FilePath).Length);

        var log = await put.SendToItsEndAsync();
        Assert.NotEqual(id, PutRig.Completed(log));
        Assert.Equal([id], log.Where(call => call.Operation == "AbortMultipartUpload").Select(call => call.UploadId));
    }

    [Fact]
    public async Task Changed_in_place_while_it_is_sent_it_begins_anew()
    {
        var put = await PutRig.MakeAsync(shared, "while-sending");
        await put.Rig.Store.LimitAsync(4 * PutRig.PartSize);
        using var process = Command.Start(Places.Program, put.Line(), put.Rig.Environment);
        process.StandardInput.Close();
        var log = await Poll.UntilAsync(put.Rig.Store.LogAsync, calls => PutRig.Sent(calls.Where(call => call.Key == put.Key)).Count() >= 2, "two parts");
        var first = log.First(call => call.Key == put.Key && call.UploadId is not null).UploadId;
        await put.Rig.ShAsync("cd while-sending; touch -r source/file.bin times; printf changed | dd of=source/file.bin bs=1 conv=notrunc status=none; touch -r times source/file.bin");
        Assert.False(process.HasExited, "the change came too late to prove anything");
        await put.Rig.Store.ClearFaultsAsync();
        (await Command.EndOfAsync(process, Stopwatch.GetTimestamp())).Expect(0);
        var calls = await put.CheckAsync();
        Assert.NotEqual(first, PutRig.Completed(calls));
        Assert.Contains(calls, call => call.Operation == "AbortMultipartUpload" && call.UploadId == first);
    }

    [Fact]
    public async Task An_upload_that_somebody_ended_begins_anew()
    {
        var put = await PutRig.MakeAsync(shared, "gone");
        var id = await put.InterruptAsync();
        await put.UploadsAsync("abort", put.Key, id);
        var log = await put.SendToItsEndAsync();
        Assert.Equal(Enumerable.Range(1, PutRig.Parts), PutRig.Sent(log));
        Assert.NotEqual(id, PutRig.Completed(log));
    }

    [Theory]
    [InlineData(".upload", "flipped", 2)]
    [InlineData(".upload", "half", 2)]
    [InlineData(".upload", "nothing", 2)]
    [InlineData(".parts", "flipped", 3)]
    [InlineData(".parts", "half", PutRig.Parts)]
    [InlineData(".parts", "nothing", PutRig.Parts)]
    public async Task A_damaged_checkpoint_costs_parts_at_most(string suffix, string damage, int mostAgain)
    {
        var put = await PutRig.MakeAsync(shared, $"damaged{suffix}-{damage}");
        var id = await put.InterruptAsync();
        var file = put.CheckpointFile(suffix);
        var bytes = await File.ReadAllBytesAsync(file, default);
        if (damage == "flipped") bytes[suffix == ".parts" ? bytes.Length - 20 : bytes.Length / 2] ^= 4;
        await File.WriteAllBytesAsync(file, damage switch { "half" => bytes[..(bytes.Length / 2)], "nothing" => [], _ => bytes }, default);

        var log = await put.SendToItsEndAsync();
        Assert.Equal(id, PutRig.Completed(log)); // either file alone knows it
        var sent = PutRig.Sent(log).ToList();
        Assert.Subset(sent.ToHashSet(), PutRig.Missing.ToHashSet());
        Assert.InRange(sent.Count, PutRig.Missing.Length, mostAgain);
        if (suffix == ".parts") Assert.True(sent.Count > PutRig.Missing.Length, "the damage was not noticed");
    }

    [Fact]
    public async Task Without_a_checkpoint_a_stop_aborts_and_a_kill_leaves_what_nobody_knows()
    {
        var put = await PutRig.MakeAsync(shared, "no-checkpoint", "--no-checkpoint");
        await put.InterruptAsync("INT");
        Assert.Empty((await put.UploadsAsync("list", put.Key)).AsArray());
        await put.SkipToNowAsync();

        var id = await put.InterruptAsync();
        Assert.False(Directory.Exists(put.Checkpoints));
        (await put.SendAsync()).Expect(0);
        Assert.Equal([id], (await put.UploadsAsync("list", put.Key)).AsArray().Select(upload => (string)upload!["id"]!));
        await put.UploadsAsync("abort", put.Key, id);
        var log = await put.CheckAsync();
        Assert.Equal(Enumerable.Range(1, PutRig.Parts), PutRig.Sent(log));
    }

    [Fact]
    public async Task An_upload_of_somebody_else_on_the_same_key_is_left_alone()
    {
        var put = await PutRig.MakeAsync(shared, "foreign");
        var theirs = (string)(await put.UploadsAsync("begin", put.Key, put.FilePath, $"{PutRig.PartSize}"))["id"]!;
        await put.NewCallsAsync();
        await put.InterruptAsync();
        await put.Rig.ShAsync("printf changed | dd of=foreign/source/file.bin bs=1 conv=notrunc status=none"); // ours is aborted
        (await put.SendAsync()).Expect(0);

        Assert.Equal([theirs], (await put.UploadsAsync("list", put.Key)).AsArray().Select(upload => (string)upload!["id"]!));
        Assert.Equal(PutRig.PartSize, (int)Assert.Single((await put.UploadsAsync("parts", put.Key, theirs)).AsArray())!["size"]!);
        Assert.DoesNotContain(await put.NewCallsAsync(), call => call.UploadId == theirs && call.Operation != "ListParts");
        await put.UploadsAsync("abort", put.Key, theirs);
        await put.CheckAsync();
    }
}
