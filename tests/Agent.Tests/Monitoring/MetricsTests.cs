using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Monitoring;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests.Monitoring;

/// <summary>What operators' tools get, by the ways they ask.</summary>
public sealed partial class MetricsTests
{
    private const string OddPlace = "/mnt/a \"b\\c\nd";

    private static readonly MetricsSettings AnyPort = new() { Port = 0 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_status_shows_is_told_in_a_form_that_a_strict_parser_takes()
    {
        await using var rig = await MetricsRig.StartAsync(AnyPort);
        var arrived = rig.Agent.Drive.MakeFile("arrived", new byte[100]);
        rig.Agent.Drive.MakeFile("waits", new byte[1000]);
        rig.Agent.MakeDurable();
        rig.Agent.Confirm(arrived);
        rig.Agent.Drive.Change(writer => writer.AddHistory(new HistoryRow(0, rig.Agent.Drive.Row.Id, 1, HistoryKind.Failed, "key", 1, null, "why")));
        rig.Agent.Live.CacheReads = new CacheReads(300, 40);
        await CallStoreAsync(rig);

        var samples = await rig.ReadAsync();

        Assert.Equal(1, Value(samples, "syncagent_agent_healthy"));
        Assert.Equal(1, Value(samples, "syncagent_files", ("drive", "/mnt/x"), ("state", "queued")));
        Assert.Equal(1, Value(samples, "syncagent_files", ("drive", "/mnt/x"), ("state", "synced")));
        Assert.Equal(0, Value(samples, "syncagent_files", ("drive", "/mnt/x"), ("state", "failed")));
        Assert.Equal(1000, Value(samples, "syncagent_pending_size_bytes", ("drive", "/mnt/x")));
        Assert.Equal(1, Value(samples, "syncagent_store_requests_total", ("drive", "/mnt/x"), ("call", "put"), ("outcome", "ok")));
        Assert.Equal(1, Value(samples, "syncagent_store_requests_total", ("drive", "/mnt/x"), ("call", "get"), ("outcome", "not_found")));
        Assert.Equal(10, Value(samples, "syncagent_store_sent_bytes_total", ("drive", "/mnt/x")));
        Assert.Equal(1, Value(samples, "syncagent_store_duration_seconds_count", ("drive", "/mnt/x"), ("call", "put")));
        Assert.Equal(1, Value(samples, "syncagent_store_health", ("drive", "/mnt/x"), ("state", "ok")));
        Assert.Equal(0, Value(samples, "syncagent_store_health", ("drive", "/mnt/x"), ("state", "offline")));
        Assert.Equal(1, Value(samples, "syncagent_changes_total", ("drive", "/mnt/x"), ("what", "failed")));
        Assert.Equal(0, Value(samples, "syncagent_changes_total", ("drive", "/mnt/x"), ("what", "conflict")));
        Assert.Equal(1100, Value(samples, "syncagent_staging_size_bytes"));
        Assert.Equal(300, Value(samples, "syncagent_cache_read_bytes_total", ("drive", "/mnt/x"), ("outcome", "hit")));
        Assert.Equal(40, Value(samples, "syncagent_cache_read_bytes_total", ("drive", "/mnt/x"), ("outcome", "missed")));
        Assert.True(Value(samples, "syncagent_disk_free_bytes") > 0);
        Assert.True(Value(samples, "syncagent_process_descriptors") > 3);
        Assert.True(Value(samples, "syncagent_process_descriptors_limit") > Value(samples, "syncagent_process_descriptors"));
        Assert.True(Value(samples, "syncagent_process_threads") > 1);
        Assert.True(Value(samples, "dotnet_process_memory_working_set_bytes") > 1 << 20);
    }

    [Fact]
    public async Task Labels_say_no_more_than_everybody_sees_and_are_escaped()
    {
        await using var rig = await MetricsRig.StartAsync(AnyPort);
        await rig.Agent.MountAsync(rig.Agent.Settings(OddPlace, "secret-bucket"));
        rig.Agent.Drive.MakeFile("secret-name", new byte[10]);

        var text = await rig.Http.GetStringAsync("/metrics", Stop);

        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Agent.Drive.Folder, text, StringComparison.Ordinal);
        Assert.Equal(1, Value(PrometheusParser.Parse(text), "syncagent_drive_mounted", ("drive", OddPlace)));
        Assert.All(PrometheusParser.Parse(text).Where(sample => sample.Name.StartsWith("syncagent_", StringComparison.Ordinal)), sample =>
            Assert.Empty(sample.Labels.Keys.Except(["drive", "state", "call", "outcome", "what", "le"])));
    }

    [Fact]
    public async Task A_drive_that_is_gone_is_told_of_no_more()
    {
        await using var rig = await MetricsRig.StartAsync(AnyPort);
        await rig.Agent.MountAsync(rig.Agent.Settings("/mnt/other", "other"));
        Assert.Contains(Drives(await rig.ReadAsync()), drive => drive == "/mnt/other");

        await rig.Agent.Host.UnmountAsync("/mnt/other", TimeSpan.Zero, Stop);

        // The text of this second may be the old one.
        IReadOnlyCollection<string> left;
        var begun = Stopwatch.GetTimestamp();
        do left = Drives(await rig.ReadAsync());
        while (left.Contains("/mnt/other") && Stopwatch.GetElapsedTime(begun) < TimeSpan.FromSeconds(20));
        Assert.Equal(["/mnt/x"], left);
    }

    [Fact]
    public async Task Two_agents_of_a_process_do_not_mix()
    {
        await using var one = await MetricsRig.StartAsync(AnyPort);
        await using var other = await MetricsRig.StartAsync(AnyPort);
        await other.Agent.MountAsync(other.Agent.Settings("/mnt/other", "other"));

        Assert.Equal(["/mnt/x"], Drives(await one.ReadAsync()));
        Assert.Equal(["/mnt/other", "/mnt/x"], Drives(await other.ReadAsync()));
    }

    [Fact]
    public async Task Web_pages_and_other_hosts_get_no_metrics()
    {
        await using var rig = await MetricsRig.StartAsync(AnyPort);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(rig, "/metrics", _ => { }));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(rig, "/metrics", request => request.Headers.Host = "rebound.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(rig, "/metrics", request => request.Headers.Add("Origin", "http://127.0.0.1")));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, await StatusAsync(rig, "/metrics", request => request.Method = HttpMethod.Post));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(rig, "/v1/status", _ => { }));
    }

    [Fact]
    public async Task The_same_port_says_whether_the_agent_is_well()
    {
        await using var rig = await MetricsRig.StartAsync(AnyPort);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(rig, "/v1/health", _ => { }));

        rig.Agent.Host.RequestStop();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(rig, "/v1/health", _ => { }));
    }

    [Fact]
    public async Task Without_being_asked_for_nothing_is_collected_and_nobody_listens()
    {
        await using var rig = await MetricsRig.StartAsync(new MetricsSettings());
        Assert.False(rig.IsExported);
    }

    [Fact]
    public async Task An_agent_goes_on_when_the_port_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await using var rig = await MetricsRig.StartAsync(new MetricsSettings { Port = ((IPEndPoint)taken.LocalEndpoint).Port });
        Assert.True(rig.IsExported);
        Assert.Null(rig.Http.BaseAddress);
    }

    [Fact]
    public async Task A_collector_gets_the_counters_by_otlp()
    {
        await using var collector = await FakeCollector.StartAsync();
        await using var rig = await MetricsRig.StartAsync(new MetricsSettings { Otlp = collector.Address });
        await CallStoreAsync(rig);

        await rig.EndExportAsync();

        Assert.All(collector.Paths, path => Assert.Equal("/v1/metrics", path));
        var (value, attributes) = Assert.Single(collector.Sums("syncagent.store.requests"), sum => sum.Attributes.Contains(("call", "put")));
        Assert.Equal(1, value);
        Assert.Equal([("call", "put"), ("drive", "/mnt/x"), ("outcome", "ok")], attributes.Order());
        Assert.Contains(("service.name", "syncagent"), collector.Resource());
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong()
    {
        await using var rig = await MetricsRig.StartAsync(AnyPort);
        await rig.Agent.MountAsync(rig.Agent.Settings(OddPlace, "other"));
        await CallStoreAsync(rig);

        var (code, said) = await Promtool.CheckAsync(await rig.Http.GetStringAsync("/metrics", Stop), "metrics");

        // 3: it finds something to be against the style. In the runtime's own names that is not ours to change.
        Assert.True(code is 0 or 3, said);
        Assert.DoesNotContain(said.Split('\n'), line => line.StartsWith("syncagent_", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Promtool_takes_the_documented_alerts()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Root, "docs/operations.md"), Stop);
        var rules = document.Split("```yaml\n")[1].Split("```")[0];

        var (code, said) = await Promtool.CheckAsync(rules, "rules", "/dev/stdin");

        Assert.True(code == 0 && said.Contains("SUCCESS", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task The_documented_table_is_that_of_the_instruments()
    {
        await using var agent = await TestAgent.StartAsync();
        using var meter = new Meter(AgentMetrics.MeterName);
        var instruments = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter == meter) instruments.Add(instrument);
            },
        };
        listener.Start();
        using var stores = new StoreMetrics(meter);
        using var metrics = new AgentMetrics(meter, agent.Host, new StatusBuilder(agent.Host), NullLogger.Instance);

        var document = await File.ReadAllLinesAsync(Path.Combine(Root, "docs/operations.md"), Stop);
        Assert.Equal(
            instruments.Select(instrument => $"| `{PrometheusName(instrument)}` | {instrument.Description} |").Order(StringComparer.Ordinal),
            document.Where(line => line.StartsWith("| `syncagent_", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Alerts_and_queries_name_metrics_that_there_are()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Root, "docs/operations.md"), Stop);
        var known = document.Split('\n').Select(line => TableRow().Match(line)).Where(row => row.Success).Select(row => row.Groups[1].Value).ToHashSet();
        var used = Name().Matches(document).Select(match => Regex.Replace(match.Value, "_bucket$|_count$|_sum$", "")).ToHashSet();
        Assert.NotEmpty(known);
        Assert.Empty(used.Except(known));
    }

    private static string Root => typeof(MetricsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;

    private static string PrometheusName(Instrument instrument) =>
        PrometheusText.NameOf(instrument.Name, instrument.Unit ?? "", instrument.GetType().GetGenericTypeDefinition() == typeof(ObservableCounter<>));

    private static double Value(IReadOnlyList<PrometheusSample> samples, string name, params (string, string)[] labels) =>
        Assert.Single(samples, sample => sample.Has(name, labels)).Value;

    private static IReadOnlyCollection<string> Drives(IReadOnlyList<PrometheusSample> samples) =>
        [.. samples.Where(sample => sample.Labels.ContainsKey("drive")).Select(sample => sample.Labels["drive"]).Distinct().Order(StringComparer.Ordinal)];

    private static async Task<HttpStatusCode> StatusAsync(MetricsRig rig, string path, Action<HttpRequestMessage> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        change(request);
        using var answer = await rig.Http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    // What a drive does with its store, over a store that is not there.
    private static async Task CallStoreAsync(MetricsRig rig)
    {
        var store = new MeteredStore(new FakeObjectStore(TimeProvider.System), rig.Stores, TimeProvider.System, new(AgentMetrics.Drive, "/mnt/x"));
        rig.Agent.Live.Traffic = store.Traffic;
        await store.PutAsync("secret-key", new TenBytes(), ObjectOptions.None, Stop);
        await Assert.ThrowsAsync<StoreException>(() => store.GetAsync("secret-missing", null, null, Stop));
    }

    private sealed class TenBytes : ObjectContent
    {
        public override long Length => 10;

        public override Stream OpenRead() => new MemoryStream(new byte[10], writable: false);
    }

    [GeneratedRegex(@"^\| `(syncagent_[a-z_]+)` \|")]
    private static partial Regex TableRow();

    [GeneratedRegex("syncagent_[a-z_]+")]
    private static partial Regex Name();
}
