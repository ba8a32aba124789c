using System.Diagnostics;
using System.Globalization;
using SyncAgent.Agent.Status;
using SyncAgent.Agent.Tests.Support;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Tests;

/// <summary>What watching costs while very many files wait.</summary>
public sealed class StatusCostTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Files = 100_000;
    private const int Folders = 100;
    private const double MostOfACore = 0.02;

    private static readonly TimeSpan Span = TimeSpan.FromSeconds(20);

    private TestAgent _agent = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _agent = await TestAgent.StartAsync();

    public ValueTask DisposeAsync() => _agent.DisposeAsync();

    /// <summary>Told by the kernel of the one thread that takes the pictures: what else this machine does is not counted.</summary>
    [Fact]
    public async Task Watching_a_hundred_thousand_queued_files_costs_less_than_a_fiftieth_of_a_core()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("SYNCAGENT_TEST_ALL") == "1", "takes a minute and a half: SYNCAGENT_TEST_ALL=1");
        var nodes = Fill();
        _agent.MakeDurable();
        var builder = new StatusBuilder(_agent.Host);
        Assert.Equal(Files, builder.Build().Totals.Queued);
        using var changes = new CancellationTokenSource();
        var changing = ChangeAsync(nodes, changes.Token);
        await WatchAsync(builder, Span / 2); // by code that is not compiled yet
        var (busy, pictures) = await WatchAsync(builder, Span);
        await changes.CancelAsync();
        var changed = await changing;
        var (idle, _) = await WatchAsync(builder, Span / 2);
        output.WriteLine($"of a core: {busy:P2} while {changed / (1.5 * Span.TotalSeconds):0} files a second are confirmed ({pictures} pictures), {idle:P2} while nothing changes");
        Assert.True(pictures > 10);
        Assert.InRange(busy, 0, MostOfACore);
        Assert.InRange(idle, 0, MostOfACore);
    }

    // What the feed does while somebody watches, on a thread of its own.
    private Task<(double OfACore, int Pictures)> WatchAsync(StatusBuilder builder, TimeSpan span) => Task.Factory.StartNew(
        () =>
        {
            var pictures = new StatusPictures(_agent.Host, builder);
            var count = 0;
            var begun = CpuTime();
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < span)
            {
                if (pictures.Next().Status is not null) count++;
                Stop.WaitHandle.WaitOne(StatusFeed.Interval);
            }

            return ((CpuTime() - begun) / clock.Elapsed, count);
        },
        Stop, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static TimeSpan CpuTime() => TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) / 1000.0);

    private List<long> Fill()
    {
        var drive = _agent.Drive;
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
    private async Task<int> ChangeAsync(List<long> nodes, CancellationToken end)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var next = 0;
        while (!end.IsCancellationRequested && next < nodes.Count)
        {
            var row = _agent.Drive.Reader.Node(nodes[next++])!;
            _agent.Drive.Change(writer =>
            {
                writer.Settle(row.Id, row.Changed);
                writer.AddHistory(new HistoryRow(0, row.Drive, 1, HistoryKind.Uploaded, row.Name, row.Size, null, null));
            });
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }

        return next;
    }
}
