using System.Diagnostics;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;
using SyncAgent.TestKit;

namespace SyncAgent.Agent.Tests;

/// <summary>What watching costs while very many files wait.</summary>
public sealed class StatusCostTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Files = 100_000;
    private const int Folders = 100;
    private const double MostOfACore = 0.02;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(20);

    private StatusRig _rig = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _rig = await StatusRig.StartAsync();

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Watching_a_hundred_thousand_queued_files_costs_less_than_a_fiftieth_of_a_core()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1", "takes a minute and a half: SYNCAGENT_TEST_ALL=1");
        var nodes = Fill();
        _rig.Agent.MakeDurable();
        var clock = Stopwatch.StartNew();
        var exact = await _rig.GetAsync("v1/status");
        Assert.Equal(Files, exact.GetProperty("totals").GetProperty("queued").GetInt64());

        // The first pictures are made by code that is not compiled yet.
        using (var warm = new CancellationTokenSource())
        {
            var first = WatchAsync(warm.Token);
            await MeasureAsync(nodes[..1000]);
            await warm.CancelAsync();
            await first;
        }

        _rig.Agent.Drive.Change(writer => writer.Settle(nodes[1000], 0)); // nothing kept is of the moment now
        clock.Restart();
        await _rig.GetAsync("v1/status");
        output.WriteLine($"one exact picture: {clock.Elapsed.TotalMilliseconds:0} ms");

        // The work of those who change rows, without and with somebody who watches: the difference is what watching costs.
        var nothing = await MeasureAsync([]);
        var changes = await MeasureAsync(nodes[1000..(nodes.Count / 3)]);
        using var end = new CancellationTokenSource();
        var watching = WatchAsync(end.Token);
        var watched = await MeasureAsync(nodes[(nodes.Count / 3)..(2 * nodes.Count / 3)]);
        var idle = await MeasureAsync([]);
        await end.CancelAsync();
        var pictures = await watching;
        output.WriteLine($"of a core: nothing {nothing:P2}, watching while nothing changes {idle:P2}; changes {changes:P2}, changes and watching {watched:P2}; {pictures} lines");
        Assert.True(pictures > 10);
        Assert.InRange(idle - nothing, -1, MostOfACore);
        Assert.InRange(watched - changes, -1, MostOfACore);
    }

    private List<long> Fill()
    {
        var drive = _rig.Agent.Drive;
        var nodes = new List<long>();
        for (var number = 0; number < Folders; number++)
        {
            var folder = drive.MakeDirectory($"folder{number}");
            drive.Change(writer => writer.Settle(folder, drive.Reader.Node(folder)?.Changed ?? 0));
            var ids = Enumerable.Range(0, Files / Folders).Select(_ => drive.Journal.NewId()).ToList();
            nodes.AddRange(ids);
            drive.Change(writer =>
            {
                foreach (var id in ids) writer.PutNode(drive.Node(id, folder, $"file {id}", NodeType.File) with { Pending = true, Size = 1000, Content = id });
            });
        }

        return nodes;
    }

    // A hundred files a second are confirmed, each a commit of its own.
    private async Task<double> MeasureAsync(List<long> nodes)
    {
        var begun = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var next = 0;
        while (clock.Elapsed < Span)
        {
            await tick.WaitForNextTickAsync(Stop);
            if (next == nodes.Count) continue;
            var row = _rig.Agent.Drive.Reader.Node(nodes[next++])!;
            _rig.Agent.Drive.Change(writer =>
            {
                writer.Settle(row.Id, row.Changed);
                writer.AddHistory(new HistoryRow(0, row.Drive, 1, HistoryKind.Uploaded, row.Name, row.Size, null, null));
            });
        }

        return (Environment.CpuUsage.TotalTime - begun) / clock.Elapsed;
    }

    private async Task<int> WatchAsync(CancellationToken end)
    {
        var lines = 0;
        using var reader = new StreamReader(await _rig.Http.GetStreamAsync("v1/events", end));
        try
        {
            while (await reader.ReadLineAsync(end) is not null) lines++;
        }
        catch (OperationCanceledException)
        {
            // measured
        }

        return lines;
    }
}
