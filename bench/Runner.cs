using System.Globalization;
using System.Text;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Measure;
using SyncAgent.Bench.Report;
using SyncAgent.Bench.Workloads;

namespace SyncAgent.Bench;

/// <summary>Lets all contenders do all workloads in turn, round after round, on one store server.</summary>
/// <param name="workloads">What to do.</param>
/// <param name="only">Contenders that take part; empty for all that are installed.</param>
/// <param name="rounds">How often.</param>
/// <param name="work">Scratch folder, on the disk that is to be measured.</param>
internal sealed class Runner(IReadOnlyList<Workload> workloads, IReadOnlyList<string> only, int rounds, string work)
{
    private const long LargeFile = 1 << 20;

    private int _trials;

    /// <summary>Runs everything.</summary>
    /// <param name="report">Gets the figures so far, and a text that says on what they were taken, after each workload.</param>
    /// <param name="stop">Ends it before the next run.</param>
    /// <returns>The figures.</returns>
    public async Task<Results> RunAsync(Action<Results, string> report, CancellationToken stop)
    {
        var results = new Results();
        using var store = StoreProcess.Start(work);
        var loads = new List<double>();
        foreach (var workload in workloads)
        {
            for (var round = 0; round < Math.Min(rounds, workload.MostRounds); round++)
            {
                var contenders = workload.Contenders.Where(name => only.Count == 0 || only.Contains(name)).ToList();
                // Each round begins with another one, so that none is always the first after a pause.
                foreach (var contender in contenders.Skip(round % contenders.Count).Concat(contenders.Take(round % contenders.Count)))
                {
                    stop.ThrowIfCancellationRequested();
                    loads.Add(Machine.Load());
                    await TryAsync(workload, contender, round, store, results);
                }
            }

            report(results, Describe(loads));
        }

        return results;
    }

    private async Task TryAsync(Workload workload, string contender, int round, StoreProcess store, Results results)
    {
        if (results.Failure(workload.Name, contender) is not null) return;
        var bucket = string.Create(CultureInfo.InvariantCulture, $"bucket{++_trials}");
        var folder = Directory.CreateDirectory(Path.Combine(work, bucket)).FullName;
        try
        {
            await store.SetAsync(new Conditions());
            var figures = await workload.RunAsync(contender, new Trial(folder, bucket, store));
            results.Add(workload.Name, contender, figures);
            Console.Error.WriteLine($"{workload.Name} {round + 1} {contender}: {string.Join(", ", figures.Select(figure => $"{figure.Key} {Text.Of(figure.Value)}"))}");
            await store.DropAsync(bucket);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException or InvalidOperationException or UnauthorizedAccessException)
        {
            results.Fail(workload.Name, contender, e.Message.Split('\n')[0]);
            Console.Error.WriteLine($"{workload.Name} {round + 1} {contender}: {e.Message}");
        }
        finally
        {
            // Small files stay until the end: ext4 is slow to create in the minutes after many were deleted.
            foreach (var file in Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            {
                if (new FileInfo(file).Length >= LargeFile) File.Delete(file);
            }
        }
    }

    private string Describe(List<double> loads)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}; {Machine.FileSystem(work)}. Load of the last minute before each run: {loads.Min():0.0} to {loads.Max():0.0}, median {Median.Of(loads):0.0}.\n");
        text.Append(CultureInfo.InvariantCulture, $"Every contender in turn, {rounds} rounds at most, each time on a fresh mount and an empty bucket; medians. Every run: [benchmarks.csv](benchmarks.csv).\n\n");
        foreach (var drive in Drives.All.Where(drive => drive.Version is not null)) text.Append(CultureInfo.InvariantCulture, $"* {drive.Name}{(drive.Version is "" ? "" : $" ({drive.Version})")}: {drive.Settings}\n");
        foreach (var version in ClientCommands.All.Where(client => client.Version is { Length: > 0 } && !client.Name.StartsWith(Drives.Ours, StringComparison.Ordinal)).Select(client => $"{client.Name} ({client.Version})"))
        {
            text.Append(CultureInfo.InvariantCulture, $"* {version}\n");
        }

        return text.ToString();
    }
}
