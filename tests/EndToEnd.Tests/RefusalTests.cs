using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>What the agent refuses, and how it says so.</summary>
public class RefusalTests
{
    [Fact]
    public async Task A_second_agent_on_the_same_state_is_refused()
    {
        await using var rig = await Rig.MountedAsync();
        var other = Path.Combine(rig.Work, "other");
        var refused = (await rig.AgentAsync([.. rig.MountLine("--foreground").Select(word => word == rig.Drive ? other : word)])).Expect(1);
        Assert.Contains($"another agent (pid {rig.AgentPid()}) works on {rig.State}", refused.Errors, StringComparison.Ordinal);
        await rig.ShAsync("""echo fine > "$DRIVE"/still""");
        (await rig.WaitAsync()).Expect(0);
    }

    [Fact]
    public async Task A_state_folder_inside_a_drive_is_refused_mounted_or_not()
    {
        await using var rig = await Rig.MountedAsync();
        var (inside, other) = (Path.Combine(rig.Drive, "state"), Path.Combine(rig.Work, "other"));
        var mounted = (await rig.AgentAsync([.. rig.MountLine().Select(word => word == rig.State ? inside : word == rig.Drive ? other : word)])).Expect(78);
        Assert.Contains($"the state folder {inside} is inside the drive at {rig.Drive}", mounted.Errors, StringComparison.Ordinal);
        Assert.Empty(await rig.ShAsync("""ls -A "$DRIVE" """));

        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        var line = (await rig.AgentAsync([.. rig.MountLine().Select(word => word == rig.State ? inside : word)])).Expect(78);
        Assert.Contains("state", line.Errors, StringComparison.Ordinal);
        Assert.False(rig.IsMounted());
    }

    [Fact]
    public async Task The_same_mount_line_twice_is_no_mistake_and_unmount_finds_its_agent()
    {
        await using var rig = await Rig.MountedAsync();
        var again = (await rig.AgentAsync([.. rig.MountLine()])).Expect(0);
        Assert.Contains("was mounted already", again.Output, StringComparison.Ordinal);
        await rig.ShAsync("""echo text > "$DRIVE"/file""");

        var drained = (await rig.AgentAsync("unmount", rig.Drive, "--drain")).Expect(0);
        Assert.Equal($"{rig.Drive} is unmounted: nothing pending\n", drained.Output);
        Assert.False(rig.IsMounted());
        var none = (await rig.AgentAsync("unmount", rig.Drive)).Expect(1);
        Assert.Contains("no drive is mounted", none.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_mount_line_after_a_kill_is_taken_although_the_kernel_still_knows_the_attributes()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""stat "$DRIVE" """);
        await rig.KillAgentAsync();
        await rig.MountAsync();
    }

    [Fact]
    public async Task What_a_killed_agent_left_mounted_is_unmounted_too()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.KillAgentAsync();
        Assert.True(rig.IsMounted());
        var cleared = (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        Assert.Contains("its agent was dead", cleared.Output, StringComparison.Ordinal);
        Assert.False(rig.IsMounted());
    }

    [Fact]
    public async Task A_wrong_key_is_named_with_its_remedy_and_loses_nothing()
    {
        await using var rig = await Rig.MountedAsync();
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        rig.MakeFile("source/file.bin", 5000, seed: 50);
        var wrong = new Dictionary<string, string>(rig.Environment) { ["OSS_ACCESS_KEY_SECRET"] = "not-the-secret" };
        (await Command.RunAsync(Places.Program, rig.MountLine(), wrong)).Expect(0);
        await rig.ShAsync("""cp source/file.bin "$DRIVE"/""");

        var status = await Poll.UntilAsync(rig.DriveStatusAsync, drive => (string?)drive["health"]!["state"] == "refused", "the store's refusal in the status");
        var error = (string)status["health"]!["error"]!;
        Assert.Contains("Check the access key id, the secret", error, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", File.ReadAllText(Path.Combine(rig.State, "agent.log")) + error, StringComparison.Ordinal);
        (await rig.AgentAsync("wait", "--state", rig.State, "--timeout", "0.5")).Expect(2);
        var left = (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        Assert.Contains("1 file or folder to send", left.Output, StringComparison.Ordinal);

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        (await rig.CompareAsync(Path.Combine(rig.Work, "source"))).ExpectClean();
    }

    [Fact]
    public async Task Another_bucket_at_the_same_place_is_refused_while_something_is_pending()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.Store.KillAsync();
        await rig.ShAsync("""echo text > "$DRIVE"/file""");
        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);

        var refused = (await rig.AgentAsync([.. rig.MountLine().Select(word => word == DevStoreProcess.Bucket ? "elsewhere" : word)])).Expect(78);
        Assert.Contains($"{rig.Drive} belongs to bucket {DevStoreProcess.Bucket}", refused.Errors, StringComparison.Ordinal);
        Assert.False(rig.IsMounted());

        await rig.Store.StartAsync();
        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
    }

    [Fact]
    public async Task A_mount_line_without_keys_says_which_variables_it_wants()
    {
        await using var rig = await Rig.StartAsync();
        var keyless = new Dictionary<string, string>(rig.Environment) { ["OSS_ACCESS_KEY_ID"] = "", ["OSS_ACCESS_KEY_SECRET"] = "" };
        var refused = (await Command.RunAsync(Places.Program, rig.MountLine(), keyless)).Expect(78);
        Assert.Contains("OSS_ACCESS_KEY_ID", refused.Errors, StringComparison.Ordinal);
    }
}
