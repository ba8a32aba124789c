using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>What docs/security.md says of a running agent: whose its files are, and where its keys are not.</summary>
public sealed class SecurityTests
{
    private const string Secret = "end-to-end-secret";

    [Fact]
    public async Task Everything_an_agent_makes_is_its_users_alone_whatever_the_umask_and_holds_no_key()
    {
        await using var rig = await Rig.StartAsync();
        var state = Path.Combine(rig.Work, "made", "with", "parents");
        await rig.ChangeBucketAsync("put", "theirs", rig.MakeFile("theirs", 300_000, seed: 6));
        await UmaskZeroAsync(rig, [.. rig.MountLine().SkipLast(1), state]);
        await rig.ListAsync();
        // Staging, extent logs, uploads in parts, read cache, checkpoints: all that makes files.
        rig.MakeFile("source/large", 20 << 20, seed: 5);
        await rig.ShAsync("""cp source/large "$DRIVE"/; printf x | dd of="$DRIVE"/large bs=1 seek=9000000 conv=notrunc status=none; cat "$DRIVE"/theirs > copy""");
        await UmaskZeroAsync(rig, ["put", Path.Combine(rig.Work, "theirs"), "by-hand", "--drive", rig.Drive, "--state", state, "--part-size", "100KiB", "--multipart-threshold", "100KiB"]);

        var open = await rig.ShAsync($"find made run -perm /077 ! -type s -printf '%m %p\n'");
        Assert.Equal("", string.Join('\n', open.Split('\n').Where(line => !line.EndsWith(" run", StringComparison.Ordinal))));
        Assert.Equal("", await rig.ShAsync($"grep -rl {Secret} made run || true"));

        var pid = await rig.ShAsync("""sed 's/.*"pid":\([0-9]*\).*/\1/' made/with/parents/agent.json""");
        Assert.DoesNotContain(Secret, await rig.ShAsync($"tr '\\0' ' ' < /proc/{pid}/cmdline"), StringComparison.Ordinal);
        Assert.Matches("Max core file size +0 +0", await rig.ShAsync($"cat /proc/{pid}/limits"));
        Assert.Equal("DOTNET_DbgEnableMiniDump=0", await rig.ShAsync($"tr '\\0' '\\n' < /proc/{pid}/environ | grep MiniDump"));
        Assert.DoesNotContain(Secret, (await rig.AgentAsync("status", "--json", "--state", state)).Expect(0).Output, StringComparison.Ordinal);

        var options = File.ReadLines("/proc/mounts").Single(line => line.Split(' ')[1] == rig.Drive).Split(' ')[3].Split(',');
        Assert.Contains("nosuid", options);
        Assert.Contains("nodev", options);
        (await rig.AgentAsync("wait", "--state", state, "--timeout", "60")).Expect(0);
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
    }

    [Fact]
    public async Task Folders_and_links_of_other_users_are_refused()
    {
        await using var rig = await Rig.StartAsync();
        await rig.ShAsync("mkdir theirs; chown 65534 theirs; ln -s theirs link; chown -h 65534 link; mkdir ours; ln -s ours theirlink; chown -h 65534 theirlink");
        foreach (var name in (string[])["theirs", "link", "theirlink"])
        {
            var refused = (await rig.AgentAsync([.. rig.MountLine().SkipLast(1), Path.Combine(rig.Work, name)])).Expect(1);
            Assert.Contains("belongs to another user (id 65534)", refused.Errors, StringComparison.Ordinal);
        }

        Assert.Equal("", await rig.ShAsync("ls theirs ours | grep -v : || true"));

        // A registry that somebody else has made says nothing that is believed: "wait" would otherwise ask whom they name.
        await rig.ShAsync("mkdir run/syncagent; chown 65534 run/syncagent");
        Assert.Contains("XDG_RUNTIME_DIR", (await rig.AgentAsync("wait", rig.Drive, "--timeout", "0")).Expect(1).Errors, StringComparison.Ordinal);
        Assert.False(rig.IsMounted());
    }

    [Fact]
    public async Task Another_process_of_the_same_user_cannot_look_into_an_agent()
    {
        Places.SkipUnlessMountable();
        Places.SkipUnlessInstalled("setpriv", "python3");
        await using var rig = await Rig.StartAsync();
        string[] user = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
        var program = await Command.RunAsync("setpriv", [.. user, Places.Program, "--version"], rig.Environment);
        Assert.SkipUnless(program.ExitCode == 0, $"an ordinary user cannot run {Places.Program}: {program.Errors}");
        await rig.ShAsync("mkdir user; chown 65534 user; chmod 755 .");

        using var process = Command.Start(
            "setpriv", [.. user, "env", $"HOME={rig.Work}/user", Places.Program, "dev-store", "--root", $"{rig.Work}/user/store", "--port", "0", "--bucket", "demo"], rig.Environment);
        Assert.Contains("listens", await process.StandardOutput.ReadLineAsync().WaitAsync(Poll.Patience), StringComparison.Ordinal);
        foreach (var file in (string[])["environ", "mem", "maps"])
        {
            var look = await Command.RunAsync("setpriv", [.. user, "head", "-c", "1", $"/proc/{process.Id}/{file}"], rig.Environment);
            Assert.NotEqual(0, look.ExitCode);
        }

        process.Kill();
        await process.WaitForExitAsync().WaitAsync(Poll.Patience);
    }

    private static async Task UmaskZeroAsync(Rig rig, IEnumerable<string> arguments) =>
        (await Command.RunAsync("sh", ["-c", "umask 0; exec \"$0\" \"$@\"", Places.Program, .. arguments], rig.Environment)).Expect(0);
}
