using System.Globalization;
using System.Text;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using SyncAgent.Bench.Report;
using SyncAgent.Inner;

// inner [--quick] [--out FOLDER]: the inner loops by BenchmarkDotNet, into FOLDER/benchmarks.md. In this process: the generated projects of its other ways
// would have to be restored.
var isQuick = args.Contains("--quick");
var folder = Array.IndexOf(args, "--out") is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : isQuick ? "artifacts/bench" : "docs";
var job = (isQuick ? Job.Dry : Job.Default).WithToolchain(InProcessEmitToolchain.Instance);
var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddLogger(new StreamLogger(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true })).WithArtifactsPath(Path.GetFullPath("artifacts/bench/inner"))
    .WithOptions(ConfigOptions.DisableLogFile);
Summary[] summaries =
[
    BenchmarkRunner.Run<ChecksumLoops>(config), BenchmarkRunner.Run<RequestLoops>(config), BenchmarkRunner.Run<JournalLoops>(config), BenchmarkRunner.Run<PlanningLoops>(config),
];
var text = new StringBuilder("| inner loop | mean | allocated, bytes |\n|---|---|---|\n");
var failed = false;
foreach (var report in summaries.SelectMany(summary => summary.Reports))
{
    var method = report.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
    failed |= report.ResultStatistics is null;
    if (report.ResultStatistics is not { } statistics) continue;
    text.Append(CultureInfo.InvariantCulture, $"| {method} | {Nanoseconds(statistics.Mean)} | {report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase)} |\n");
}

Directory.CreateDirectory(folder);
Section.Replace(Path.Combine(folder, "benchmarks.md"), "./bench.sh inner", $"### Inner loops\n\nBenchmarkDotNet, one thread.\n\n{text}");
Console.WriteLine(text);
return failed ? 1 : 0;

static string Nanoseconds(double time) => time switch
{
    >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{time / 1e6:0.00} ms"),
    >= 1e3 => string.Create(CultureInfo.InvariantCulture, $"{time / 1e3:0.00} us"),
    _ => string.Create(CultureInfo.InvariantCulture, $"{time:0.0} ns"),
};
