using System.Text.Json.Nodes;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>Several drives in one agent, from one configuration file: each has its own prefix, folder, rules and limits.</summary>
public sealed class SeveralDrivesTests
{
    [Fact]
    public async Task Each_drive_has_its_own_prefix_rules_limits_and_leave_to_write()
    {
        await using var rig = await Rig.StartAsync();
        await rig.ShAsync("echo printed > book");
        await rig.ChangeBucketAsync("put", "shelf/book", Path.Combine(rig.Work, "book"));
        var (notes, shelf) = (Path.Combine(rig.Work, "notes"), Path.Combine(rig.Work, "shelf"));
        var target = $"\"endpoint\": \"{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}\", \"region\": \"cn-hangzhou\", \"bucket\": \"{DevStoreProcess.Bucket}\"";
        var config = Path.Combine(rig.Work, "drives.json");
        await File.WriteAllTextAsync(
            config,
            $$"""
            { "state": "{{rig.State}}", "drives": [
                { "mount": "{{rig.Drive}}", {{target}}, "prefix": "main/" },
                { "mount": "{{notes}}", {{target}}, "prefix": "notes/", "ignore": ["*.bak", "cache/"],
                  "transfer": { "debounceSeconds": 0 }, "limits": { "upload": "1MiB", "cacheSize": 0 } },
                { "mount": "{{shelf}}", {{target}}, "prefix": "shelf/", "readOnly": true } ],
              "transfer": { "debounceSeconds": 0.2 } }
            """,
            TestContext.Current.CancellationToken);
        try
        {
            (await rig.AgentAsync("mount", "--config", config)).Expect(0);
            foreach (var folder in (string[])[rig.Drive, notes, shelf]) await rig.ShAsync($"until ls '{folder}' > list 2>&1; do :; done");
            await rig.ShAsync($"""
                test "$(cat '{shelf}'/book)" = printed
                ! touch '{shelf}'/mine 2> why; grep -q 'Read-only' why
                echo everywhere > '{rig.Drive}'/a.bak
                echo here > '{notes}'/a.bak; mkdir '{notes}'/cache; echo here > '{notes}'/cache/b; echo sent > '{notes}'/c
                """);
            (await rig.WaitAsync()).Expect(0);
            var keys = (await rig.ChangeBucketAsync("list", "")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(["main/a.bak", "notes/c", "shelf/book"], keys.Order(StringComparer.Ordinal));
            Assert.Equal("ignored", await rig.PythonAsync($"print(os.getxattr('{notes}/a.bak', 'user.syncagent.state').decode())"));

            // The one limit is that drive's alone, and a drive gives back only its own local copies.
            await rig.ShAsync($"""
                head -c 3000000 /dev/zero > '{notes}'/slow; head -c 3000000 /dev/zero > '{rig.Drive}'/fast
                "$SYNCAGENT" wait '{rig.Drive}'/fast --state '{rig.State}' --timeout 60
                """);
            var status = JsonNode.Parse((await rig.AgentAsync("status", "--state", rig.State, "--json")).Expect(0).Output)!["drives"]!.AsArray();
            Assert.Equal(0, (int?)Of(status, rig.Drive)["files"]!["queued"] ?? 0);
            Assert.Equal(2, (int)Of(status, notes)["files"]!["ignored"]!);
            (await rig.WaitAsync()).Expect(0);
            Assert.Equal("synced", await rig.PythonAsync($"print(os.getxattr('{rig.Drive}/fast', 'user.syncagent.state').decode())"));

            // Renamed from an ignored name it is sent, with all that lies in it.
            await rig.ShAsync($"mv '{notes}'/cache '{notes}'/kept");
            (await rig.WaitAsync()).Expect(0);
            Assert.Contains("notes/kept/b", await rig.ChangeBucketAsync("list", ""), StringComparison.Ordinal);
        }
        finally
        {
            await rig.AgentAsync("unmount", notes);
            await rig.AgentAsync("unmount", shelf);
        }
    }

    private static JsonNode Of(JsonArray drives, string mountPoint) => drives.Single(drive => (string)drive!["mountPoint"]! == mountPoint)!;
}
