using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary><c>syncagent uploads</c> where a drive, a put and a stranger each have an upload open.</summary>
public sealed class UploadsTests
{
    private const int Mebibyte = 1 << 20;

    [Fact]
    public async Task Open_uploads_are_told_apart_and_only_what_was_meant_is_aborted()
    {
        await using var rig = await Rig.MountedAsync();
        var drive = (await Interrupted.UploadAsync(rig, seed: 70)).First(call => call.Operation == "InitiateMultipartUpload").UploadId!;
        var put = await InterruptPutAsync(rig);
        var begun = (await rig.NodeAsync("uploads.mjs", ["begin", "theirs.bin", Path.Combine(rig.Work, "source", Interrupted.Name), $"{Mebibyte}"])).Expect(0);
        var theirs = (string)JsonNode.Parse(begun.Output)!["id"]!;

        var all = await ListAsync(rig);
        Assert.Equal(
            new HashSet<(string, string, string?)>
            {
                (Interrupted.Name, drive, "Drive"), ("put.bin", put, "Put"), ("theirs.bin", theirs, "Unknown"),
            },
            all.Select(upload => ((string)upload["key"]!, (string)upload["uploadId"]!, (string?)upload["owner"])).ToHashSet());
        Assert.All(all, upload => Assert.InRange(
            DateTimeOffset.UtcNow - (DateTimeOffset)upload["initiated"]!, TimeSpan.FromSeconds(-1), 3 * Poll.Patience));
        foreach (var (id, parts) in (await PartsAsync(rig)).GroupBy(part => part.UploadId!).Select(group => (group.Key, group.ToList())))
        {
            var listed = all.Single(upload => (string)upload["uploadId"]! == id);
            Assert.Equal((parts.Count, parts.Sum(part => part.BytesIn)), ((int)listed["parts"]!, (long)listed["bytes"]!));
        }

        Assert.Equal(Path.Combine(rig.Work, "put.bin"), (string?)all.Single(upload => (string)upload["uploadId"]! == put)["file"]);
        var shown = (await rig.AgentAsync("uploads", "list", "--state", rig.State)).Expect(0).Output;
        Assert.Contains("3 open uploads", shown, StringComparison.Ordinal);
        foreach (var who in (string[])[@"ours \(drive\)", @"ours \(put put\.bin\)", "not known"]) Assert.Matches($@"\d+ (s|min) +\d+ MiB {who}", shown);

        Assert.Matches($@"^aborted {put} of put\.bin, \d+ MiB$", await AbortAsync(rig));
        Assert.Equal($"aborted {theirs} of theirs.bin, 1 MiB", await AbortAsync(rig, theirs));
        (await rig.AgentAsync("uploads", "abort", theirs, "--state", rig.State)).Expect(1);

        // The live agent is asked as the journal of the dead one was; "abort" leaves its file alone.
        await rig.Store.LimitAsync(Mebibyte);
        await rig.MountAsync();
        Assert.Equal("Drive", (string?)Assert.Single(await ListAsync(rig))["owner"]);
        Assert.Equal("nothing to abort", await AbortAsync(rig));
        await rig.Store.ClearFaultsAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal(drive, (await rig.Store.LogAsync()).Single(call => call.Operation == "CompleteMultipartUpload").UploadId);
    }

    /// <summary>A put of a file of eight parts, killed after some of them. Returns the upload id.</summary>
    private static async Task<string> InterruptPutAsync(Rig rig)
    {
        var file = rig.MakeFile("put.bin", 8 * Mebibyte, seed: 71);
        await rig.Store.LimitAsync(2 * Mebibyte);
        using var process = Command.Start(
            Places.Program,
            [
                "put", file, "put.bin", "--endpoint", rig.Store.Endpoint.GetLeftPart(UriPartial.Authority), "--region", "cn-hangzhou", "--bucket", DevStoreProcess.Bucket,
                "--state", rig.State, "--part-size", "1MiB", "--multipart-threshold", "1MiB", "--parallel-parts", "2",
            ],
            rig.Environment);
        await Poll.UntilAsync(() => PartsAsync(rig), parts => parts.Count(part => part.Key == "put.bin") >= 3 || process.HasExited, "three parts of the put");
        Assert.False(process.HasExited);
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(Poll.Patience);
        var log = await rig.Store.QuietLogAsync();
        await rig.Store.ClearFaultsAsync();
        return log.Single(call => call is { Operation: "InitiateMultipartUpload", Key: "put.bin" }).UploadId!;
    }

    private static async Task<IReadOnlyList<StoreRequest>> PartsAsync(Rig rig) =>
        [.. DevStoreProcess.Parts(await rig.Store.LogAsync()).Where(part => part.Status == 200)];

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(Rig rig)
    {
        var answer = (await rig.AgentAsync("uploads", "list", "--json", "--state", rig.State)).Expect(0);
        return [.. answer.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    /// <summary>Returns what the command says it did.</summary>
    private static async Task<string> AbortAsync(Rig rig, params string[] ids) =>
        (await rig.AgentAsync(["uploads", "abort", .. ids, "--state", rig.State])).Expect(0).Output.Trim();
}
