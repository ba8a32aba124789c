using System.Diagnostics;
using System.Globalization;
using SyncAgent.Bench.Measure;

namespace SyncAgent.Bench.Put;

/// <summary>One file, each client in turn, round after round, against the same server: medians, and ratios within a round.</summary>
internal static class PutBenchmark
{
    private const int PartMebibytes = 16;
    private const int Parallel = 4;
    private const string Bucket = "bench";

    public static async Task<int> RunAsync(int mebibytes, int rounds, int link)
    {
        var folder = Directory.CreateTempSubdirectory("syncagent-bench-").FullName;
        using var sink = StartSink(Path.Combine(folder, "port"), link, out var port);
        try
        {
            var file = Path.Combine(folder, "file");
            MakeFile(file, mebibytes);
            var clients = Clients.Installed(folder, file, port, PartMebibytes, Parallel, Bucket);
            var runs = clients.ToDictionary(client => client.Name, _ => new List<TimedRun>());
            foreach (var client in clients) await client.RunAsync(); // once for the page cache and the file system
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var client in clients)
                {
                    var run = await client.RunAsync();
                    runs[client.Name].Add(run);
                    Console.Error.WriteLine(string.Create(
                        CultureInfo.InvariantCulture, $"round {round} {client.Name,-22} {run.Seconds:0.00} s, {run.CpuSeconds:0.00} s CPU, {run.PeakMebibytes:0} MiB"));
                }
            }

            Console.WriteLine($"One file of {mebibytes} MiB, parts of {PartMebibytes} MiB, {Parallel} at once, {rounds} rounds, {(link == 0 ? "loopback" : $"a link of {link} MiB/s")}; whole processes, medians.\n");
            Report(clients, runs, mebibytes);
            return 0;
        }
        finally
        {
            sink.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Report(IReadOnlyList<Client> clients, Dictionary<string, List<TimedRun>> runs, int mebibytes)
    {
        var bare = runs[Clients.Bare];
        Console.WriteLine("| client | MiB/s | share of the bare sender | CPU-seconds per GiB | peak RSS MiB |");
        Console.WriteLine("|---|---|---|---|---|");
        foreach (var client in clients)
        {
            var own = runs[client.Name];
            var share = Median.Of(own.Select((run, round) => bare[round].Seconds / run.Seconds));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {client.Name} | {mebibytes / Median.Of(own.Select(run => run.Seconds)):0} | {share:0.00} | {Median.Of(own.Select(run => run.CpuSeconds)) * 1024 / mebibytes:0.00} | {own.Max(run => run.PeakMebibytes):0} |"));
        }
    }

    private static Process StartSink(string portFile, int link, out int port)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["sink", portFile, link.ToString(CultureInfo.InvariantCulture)]))!;
        while (!File.Exists(portFile))
        {
            if (process.HasExited) throw new InvalidOperationException("the sink ended");
            Thread.Sleep(10);
        }

        port = int.Parse(File.ReadAllText(portFile), CultureInfo.InvariantCulture);
        return process;
    }

    private static void MakeFile(string path, int mebibytes)
    {
        var random = new Random(1);
        var buffer = new byte[1 << 20];
        using var file = File.Create(path);
        for (var i = 0; i < mebibytes; i++)
        {
            random.NextBytes(buffer);
            file.Write(buffer);
        }

        file.Flush(flushToDisk: true);
    }
}
