using System.CommandLine;
using System.Globalization;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Chaos;

/// <summary>Everything at once, for a long time.</summary>
internal sealed class ChaosMode : ITortureMode
{
    /// <inheritdoc/>
    public string Name => "chaos";

    /// <inheritdoc/>
    public string Summary => "Writers, readers, a faulty store that goes away, a disk that fills up and kills, all at once; then the invariants.";

    /// <inheritdoc/>
    public TortureRun Build(Command command)
    {
        var minutes = new Option<double>("--minutes") { Description = "How long", DefaultValueFactory = _ => 30 };
        var writers = new Option<int>("--writers") { Description = "How many write, rename and read", DefaultValueFactory = _ => 8 };
        foreach (var option in (Option[])[minutes, writers]) command.Options.Add(option);
        return async (parsed, context, stop) =>
        {
            var run = new ChaosRun(context, parsed.GetValue(writers));
            var failures = await run.RunAsync(TimeSpan.FromMinutes(parsed.GetValue(minutes)), stop);
            foreach (var sample in run.Samples)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"life {sample.Life,3} at {sample.At.TotalSeconds,6:0} s: {sample.ResidentBytes >> 20,4} MiB, {sample.Descriptors,4} descriptors, {sample.Threads,3} threads"));
            }

            return new TortureResult(
                [
                    ("kills", Text(run.Kills)), ("calls", Text(run.Calls)), ("refused by a full disk or an absent store", Text(run.Refusals)),
                    ("full disks", Text(run.FullDisks)), ("store away", Text(run.Outages)), ("faults made", Text(run.Faults)), ("objects compared", Text(run.Compared)),
                    ("uploads left whose id was lost", Text(run.LostUploads)), ("memory of the first and the last lives", $"{run.Trend(sample => sample.ResidentBytes >> 20)} MiB"),
                    ("descriptors", run.Trend(sample => sample.Descriptors)), ("threads", run.Trend(sample => sample.Threads)),
                ],
                failures);
        };
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
