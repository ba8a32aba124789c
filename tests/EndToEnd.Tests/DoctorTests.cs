using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary><c>syncagent doctor</c> on a machine with a live, a killed and no agent.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task What_a_killed_agent_leaves_is_found_put_right_and_gone_after_the_next_mount()
    {
        await using var rig = await Rig.MountedAsync();
        await rig.ShAsync("""echo one > "$DRIVE"/one""");
        (await rig.WaitAsync()).Expect(0);
        Assert.Empty(ProblemsOf(await DoctorAsync(rig, 0)));

        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Status = 503, Code = "ServiceUnavailable", Times = 1000 });
        await rig.ShAsync("""echo two > "$DRIVE"/two""");
        await rig.KillAgentAsync();
        await rig.Store.ClearFaultsAsync();
        await rig.ShAsync("umask 077; printf nobody > state/staging/0123456789abcdef0123456789abcdef");

        Assert.Equal(["agent", "orphan staging files", "stale mounts"], ProblemsOf(await DoctorAsync(rig, 1)));
        Assert.Equal(["agent"], ProblemsOf(await DoctorAsync(rig, 1, "--fix")));
        Assert.False(rig.IsMounted());
        Assert.Equal(["agent"], ProblemsOf(await DoctorAsync(rig, 1)));
        Assert.Equal("nobody", await rig.ShAsync("cat state/lost+found/*-0123456789abcdef0123456789abcdef"));

        await rig.MountAsync();
        (await rig.WaitAsync()).Expect(0);
        Assert.Empty(ProblemsOf(await DoctorAsync(rig, 0)));
        Assert.Equal("two", await rig.ShAsync("""cat "$DRIVE"/two"""));
    }

    [Fact]
    public async Task A_support_file_holds_no_secret_and_no_name()
    {
        await using var rig = await Rig.MountedAsync();
        string[] secrets = ["end-to-end-key", "end-to-end-secret", "Pr0xyGeheim", "B3fehlGeheim", "Ext3rnGeheim", "Umg3bungGeheim", "L0gGeheim", "LTAI5tAbCdEfGhIjKlMnOpQr", "Anm3ldung"];
        string[] names = ["Grauwacke", "Zwielicht", "Kaltmamsell"];
        await rig.Store.AddFaultAsync(new { Kind = "Error", Operation = "PutObject", Key = "*Grauwacke*", Status = 400, Code = "InvalidArgument", Times = 1000 });
        await rig.ShAsync("""mkdir "$DRIVE"/Zwielicht; echo x > "$DRIVE"/Zwielicht/Grauwacke.docx; echo x > "$DRIVE"/Kaltmamsell""");
        (await rig.WaitAsync()).Expect(1);
        await File.AppendAllTextAsync(
            Path.Combine(rig.State, "agent.log"),
            """
            2026-01-01T00:00:00.000Z warn: SyncAgent.Transfer[3001] Zwielicht/Grauwacke.docx: Authorization: Bearer L0gGeheim via http://Anm3ldung:Pr0xyGeheim@proxy.example:3128/
            2026-01-01T00:00:00.000Z warn: SyncAgent.Transfer[3002] the key LTAI5tAbCdEfGhIjKlMnOpQr is refused, token=L0gGeheim
            """, TestContext.Current.CancellationToken);
        var config = Path.Combine(rig.Work, "config.json");
        await File.WriteAllTextAsync(config, $$"""
            {
              // Zwielicht
              "state": "{{rig.State}}",
              "drives": [ { "mount": "{{rig.Drive}}", "endpoint": "{{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}}", "region": "cn-hangzhou", "bucket": "demo",
                "proxy": "http://Anm3ldung:Pr0xyGeheim@127.0.0.1:9", "objects": [ { "match": "Zwielicht/**", "metadata": { "who": "Ext3rnGeheim" } } ],
                "credentials": { "source": "process", "command": "/bin/echo B3fehlGeheim" } } ],
              "transfer": { "partSize": "1MiB" }
            }
            """, TestContext.Current.CancellationToken);
        var environment = new Dictionary<string, string>(rig.Environment) { ["HTTPS_PROXY"] = "http://u:Umg3bungGeheim@127.0.0.1:9", ["SYNCAGENT_TEST_TOKEN"] = "Umg3bungGeheim" };

        var plain = await BundleAsync("plain.tar.gz");
        foreach (var text in (string[])[.. secrets, .. names]) Assert.DoesNotContain(plain, pair => pair.Value.Contains(text, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["agent.log", "config.json", "doctor.json", "journal.txt", "machine.txt", "mounts.txt", "status.json"], plain.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("\"partSize\": \"1MiB\"", plain["config.json"], StringComparison.Ordinal);
        Assert.Contains("warn: SyncAgent.Transfer[3001] name-", plain["agent.log"], StringComparison.Ordinal);
        Assert.Contains("is refused", plain["agent.log"], StringComparison.Ordinal);
        Assert.Contains("CREATE TABLE receipt", plain["journal.txt"], StringComparison.Ordinal);
        Assert.Equal("Failed", (string?)JsonNode.Parse(plain["status.json"])!["drives"]![0]!["problems"]![0]!["state"]);

        var named = await BundleAsync("named.tar.gz", "--with-names");
        foreach (var secret in secrets) Assert.DoesNotContain(named, pair => pair.Value.Contains(secret, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("Zwielicht/Grauwacke.docx", named["status.json"], StringComparison.Ordinal);
        // Nothing is overwritten, and no link is followed.
        (await Command.RunAsync(Places.Program, ["doctor", "--state", rig.State, "--bundle", Path.Combine(rig.Work, "plain.tar.gz")], environment)).Expect(1);

        async Task<Dictionary<string, string>> BundleAsync(string name, params string[] more)
        {
            var file = Path.Combine(rig.Work, name);
            await Command.RunAsync("sh", ["-c", "umask 0; exec \"$0\" \"$@\"", Places.Program, "doctor", "--config", config, "--bundle", file, .. more], environment);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            var folder = Directory.CreateDirectory(Path.Combine(rig.Work, name + ".d")).FullName;
            (await Command.RunAsync("tar", ["-xzf", file, "-C", folder], environment)).Expect(0);
            return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(path => Path.GetFileName(path), File.ReadAllText);
        }
    }

    private static async Task<JsonNode> DoctorAsync(Rig rig, int exitCode, params string[] more) =>
        JsonNode.Parse((await rig.AgentAsync(["doctor", "--json", "--state", rig.State, .. more])).Expect(exitCode).Output)!;

    private static List<string> ProblemsOf(JsonNode report) =>
    [
        .. report["checks"]!.AsArray()
            .Where(check => check!["findings"]!.AsArray().Any(finding => (string)finding!["level"]! == "Problem" && finding["done"] is null))
            .Select(check => (string)check!["name"]!).Order(StringComparer.Ordinal),
    ];
}
