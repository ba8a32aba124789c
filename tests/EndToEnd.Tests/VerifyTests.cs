using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary><c>syncagent verify</c> against a bucket that others, and its own disk, have been at.</summary>
public sealed class VerifyTests
{
    [Fact]
    public async Task What_others_and_the_stores_disk_did_to_confirmed_objects_is_told_apart_with_and_without_an_agent()
    {
        await using var rig = await Rig.MountedAsync();
        rig.MakeFile("source/rotten", 70_000, seed: 1);
        rig.MakeFile("source/large", 20 << 20, seed: 2);
        await rig.ShAsync("""cp source/* "$DRIVE"/; mkdir "$DRIVE"/folder; for f in fine gone theirs removed; do echo $f > "$DRIVE"/folder/$f; done""");
        (await rig.WaitAsync()).Expect(0);
        await rig.ShAsync("""rm "$DRIVE"/folder/removed; mv "$DRIVE"/folder/fine "$DRIVE"/folder/renamed""");
        (await rig.WaitAsync()).Expect(0);

        Assert.Contains("6 objects: 6 as confirmed", (await VerifyAsync(rig)).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("20.1 MiB read back): 6 as confirmed", (await VerifyAsync(rig, "--deep")).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("1 object (20 MiB read back): 1 as confirmed", (await rig.AgentAsync("verify", Path.Combine(rig.Drive, "large"), "--deep")).Expect(0).Output, StringComparison.Ordinal);

        await rig.ChangeBucketAsync("delete", "folder/gone");
        await rig.ChangeBucketAsync("put", "folder/theirs", rig.MakeFile("theirs", 100, seed: 3));
        rig.FlipBitOfBlob(70_000);

        var found = (await VerifyAsync(rig, "--json")).Expect(1).Output;
        Assert.Equal([("folder/gone", "Missing"), ("folder/theirs", "Changed")], FindingsOf(found));
        Assert.Contains("ask who has access", (await VerifyAsync(rig)).Expect(1).Errors, StringComparison.Ordinal);
        (await rig.AgentAsync("verify", Path.Combine(rig.Drive, "large"))).Expect(0);
        (await rig.AgentAsync("verify", Path.Combine(rig.Drive, "folder"))).Expect(1);

        await rig.KillAgentAsync();
        found = (await VerifyAsync(rig, "--json", "--deep")).Expect(1).Output;
        Assert.Equal([("folder/gone", "Missing"), ("folder/theirs", "Changed"), ("rotten", "Damaged")], FindingsOf(found));
        (await VerifyAsync(rig, "/elsewhere")).Expect(64);
        await rig.Store.KillAsync();
        Assert.Contains("cannot be verified", (await VerifyAsync(rig)).Expect(2).Errors, StringComparison.Ordinal);
    }

    private static Task<CommandResult> VerifyAsync(Rig rig, params string[] more) => rig.AgentAsync(["verify", "--state", rig.State, .. more]);

    private static List<(string Key, string Finding)> FindingsOf(string lines) =>
    [
        .. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).Where(line => line["finding"] is not null)
            .Select(line => ((string)line["key"]!, (string)line["finding"]!)),
    ];
}
