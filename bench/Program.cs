using System.CommandLine;
using System.Globalization;
using SyncAgent.Bench;
using SyncAgent.Bench.Contenders;
using SyncAgent.Bench.Report;
using SyncAgent.Bench.Server;
using SyncAgent.Bench.Workloads;

// Processes of its own that a run starts: the store server and the bare sender.
if (args is ["serve", var portFile]) return await StoreServer.RunAsync(portFile);
if (args is ["send", var file, var url, var part, var parallel]) return await BareSender.RunAsync(file, new Uri(url), long.Parse(part, CultureInfo.InvariantCulture) << 20, int.Parse(parallel, CultureInfo.InvariantCulture));

var quick = new Option<bool>("--quick") { Description = "Small sizes and few rounds, minutes in all; to see that it runs, not for figures" };
var only = new Option<string[]>("--only") { Description = "Workloads: names, or what they begin with", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
var contenders = new Option<string[]>("--contenders") { Description = "Who takes part (default: all that are installed)", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
var rounds = new Option<int?>("--rounds") { Description = "How often each contender does each workload (default 3; 1 with --quick)" };
var size = new Option<int?>("--size") { Description = "MiB of a large file (default 1024; 64 with --quick)" };
var moved = new Option<int?>("--moved") { Description = "MiB that are moved to see how much memory that takes (default 10240; 256 with --quick)" };
var files = new Option<int?>("--files") { Description = "Files of the workloads with many (default 5000; 500 with --quick)" };
var work = new Option<string?>("--work") { Description = "Scratch folder on the disk to be measured; made and removed (default: below the folder for temporary files)", HelpName = "DIR" };
var output = new Option<string?>("--out") { Description = "Where benchmarks.md, benchmarks.csv (every run) and images/ are written (default docs; artifacts/bench with --quick)", HelpName = "DIR" };
var root = new RootCommand("Measures this program beside its peers on this machine.") { quick, only, contenders, rounds, size, moved, files, work, output };
root.SetAction(async (parsed, stop) =>
{
    if (new OurDrive().Version is null)
    {
        Console.Error.WriteLine($"{OurDrive.Program} is not there: ./build.sh makes it, SYNCAGENT_EXE names another");
        return 69;
    }

    var isQuick = parsed.GetValue(quick);
    var sizes = isQuick ? Sizes.Quick : Sizes.Full;
    sizes = sizes with { Large = (long?)parsed.GetValue(size) << 20 ?? sizes.Large, Moved = (long?)parsed.GetValue(moved) << 20 ?? sizes.Moved, Files = parsed.GetValue(files) ?? sizes.Files };
    var names = parsed.GetValue(only) ?? [];
    var all = Catalogue.Of(sizes);
    var workloads = all.Where(workload => names.Length == 0 || names.Any(name => all.Any(other => other.Name == name) ? workload.Name == name : workload.Name.StartsWith(name, StringComparison.Ordinal))).ToList();
    if (workloads.Count == 0)
    {
        Console.Error.WriteLine($"no such workload; there are: {string.Join(" ", all.Select(workload => workload.Name))}");
        return 64;
    }

    var scratch = Directory.CreateDirectory(parsed.GetValue(work) ?? Path.Combine(Path.GetTempPath(), $"syncagent-bench-{Environment.ProcessId}")).FullName;
    try
    {
        var runner = new Runner(workloads, parsed.GetValue(contenders) ?? [], parsed.GetValue(rounds) ?? sizes.Rounds, scratch);
        var folder = parsed.GetValue(output) ?? (isQuick ? "artifacts/bench" : "docs");
        var results = await runner.RunAsync((results, parameters) => Document.Write(folder, workloads, results, parameters), stop);
        Console.WriteLine($"{Goals.Table(results)}\n{Path.GetFullPath(Path.Combine(folder, "benchmarks.md"))} is written");
        return workloads.Any(workload => results.Failure(workload.Name, Drives.Ours) is not null) ? 1 : 0;
    }
    finally
    {
        Directory.Delete(scratch, recursive: true);
    }
});
// A run that is ended takes its mounts and scratch files along.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
