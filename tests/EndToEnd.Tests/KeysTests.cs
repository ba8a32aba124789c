using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Keys that are taken away while the drive is in use (P10): work goes on, the reason is told once, and nothing but the right keys is
/// needed for everything to arrive.</summary>
public class KeysTests
{
    [Fact]
    public async Task Keys_that_are_revoked_stop_no_program_and_once_they_are_right_again_everything_arrives()
    {
        await using var rig = await Rig.StartAsync();
        var keys = Path.Combine(rig.Work, "keys");
        WriteKeys(keys, rig.Environment["OSS_ACCESS_KEY_SECRET"]);
        await rig.MountAsync(rig.MountLine("--credentials", $"file:{keys}"));
        await rig.ListAsync();
        rig.MakeFile("source/before", 300_000, seed: 1);
        await rig.ShAsync("""cp source/before "$DRIVE"/""");
        (await rig.WaitAsync()).Expect(0);

        WriteKeys(keys, "taken-away");
        rig.MakeFile("source/small", 10_000, seed: 2);
        rig.MakeFile("source/large", 3 << 20, seed: 3);
        await rig.ShAsync("""cp source/small source/large "$DRIVE"/; mv "$DRIVE"/before "$DRIVE"/after; mv source/before source/after""");
        var health = await Poll.UntilAsync(async () => (await rig.DriveStatusAsync())["health"]!, health => (string)health["state"]! == "refused", "keys that are refused");
        Assert.Contains("SignatureDoesNotMatch", (string)health["error"]!, StringComparison.Ordinal);
        await rig.ShAsync("""cmp source/small "$DRIVE"/small; cmp source/large "$DRIVE"/large; test -e "$DRIVE"/after""");
        Assert.Equal(2, (await rig.AgentAsync("wait", "--state", rig.State, "--timeout", "0")).ExitCode);

        WriteKeys(keys, rig.Environment["OSS_ACCESS_KEY_SECRET"]);
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
        Assert.Equal("ok", (string)((JsonNode)await rig.DriveStatusAsync())["health"]!["state"]!);
        Assert.InRange(rig.AgentLog().Count, 0, 10);
    }

    private static void WriteKeys(string path, string secret)
    {
        var next = path + ".next";
        File.WriteAllText(next, $"[Credentials]\naccessKeyID=end-to-end-key\naccessKeySecret={secret}\n");
        File.SetUnixFileMode(next, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.Move(next, path, overwrite: true);
    }
}
