using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using SyncAgent.EndToEnd.Tests.Support;

namespace SyncAgent.EndToEnd.Tests;

/// <summary>What an operator configures: metrics to read, and a log for programs that does not grow without end.</summary>
public sealed class MonitoringTests
{
    [Fact]
    public async Task Metrics_follow_a_file_and_the_json_log_rotates_while_the_agent_runs()
    {
        await using var rig = await Rig.StartAsync();
        var port = FreePort();
        var config = Path.Combine(rig.Work, "config.json");
        await File.WriteAllTextAsync(config, $$"""
            {
              "state": "{{rig.State}}",
              "drives": [ { "mount": "{{rig.Drive}}", "endpoint": "{{rig.Store.Endpoint.GetLeftPart(UriPartial.Authority)}}", "region": "cn-hangzhou",
                "bucket": "{{DevStoreProcess.Bucket}}" } ],
              "metrics": { "port": {{port}} },
              "log": { "format": "json", "level": "debug", "fileSize": "64KiB", "files": 1 }
            }
            """, TestContext.Current.CancellationToken);
        await rig.ChangeBucketAsync("put", "theirs", rig.MakeFile("theirs", 100, seed: 9));
        await rig.MountAsync(["mount", "--config", config]);
        await rig.ListAsync();
        await rig.ShAsync("""echo content > "$DRIVE"/file; cmp "$DRIVE"/theirs theirs""");
        (await rig.WaitAsync()).Expect(0);

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Poll.UntilAsync(
            () => http.GetStringAsync("/metrics", TestContext.Current.CancellationToken),
            text => text.Contains($$"""syncagent_store_requests_total{call="put",drive="{{rig.Drive}}",outcome="ok"} 1""" + "\n", StringComparison.Ordinal)
                && text.Contains($$"""syncagent_changes_total{drive="{{rig.Drive}}",what="uploaded"} 1""" + "\n", StringComparison.Ordinal)
                && text.Contains($$"""syncagent_cache_read_bytes_total{drive="{{rig.Drive}}",outcome="missed"} 100""" + "\n", StringComparison.Ordinal),
            "the put and the read in the metrics");

        var log = Path.Combine(rig.State, "agent.log");
        Assert.NotEmpty(Messages(log));
        for (var round = 0; round < 2; round++)
        {
            await File.AppendAllTextAsync(log, string.Concat(Enumerable.Repeat("{\"Message\":\"filler\"}\n", 4000)), TestContext.Current.CancellationToken);
            await Poll.UntilAsync(() => Task.FromResult(new FileInfo(log)), file => file is { Exists: true, Length: < 64 << 10 }, "a new log");
        }

        (await rig.AgentAsync("unmount", rig.Drive)).Expect(0);
        await Poll.UntilAsync(() => File.ReadAllText(log).Contains("is unmounted: nothing pending", StringComparison.Ordinal), "the last word of the agent");
        Assert.Contains(Messages(log), message => message.StartsWith($"{rig.Drive} is unmounted", StringComparison.Ordinal));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(log));
        Assert.Equal(["agent.log", "agent.log.1"], Directory.GetFiles(rig.State, "agent.log*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private static List<string> Messages(string log) =>
        [.. File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Message").GetString()!)];

    // Another program may take it meanwhile; the agent would say so and have no metrics.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
