using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Power;

/// <summary>
/// Power cuts. A workload runs on a drive whose state folder is on a block device that logs its writes and flushes; then the disk is built
/// as it was at every flush, and as it may have been between two of them, and each is recovered and judged.
/// </summary>
internal sealed class PowerMode : ITortureMode
{
    private const int MostShown = 12;
    private const int MostKept = 6;

    /// <inheritdoc/>
    public string Name => "power";

    /// <inheritdoc/>
    public string Summary => "Cuts the power at every moment of a workload and starts the agent on what the disk then holds.";

    /// <inheritdoc/>
    public string? WhyNot() => LoggedDisk.WhyNot();

    /// <inheritdoc/>
    public TortureRun Build(Command command)
    {
        var runs = new Option<int>("--runs") { Description = "Workloads, each with a seed of its own", DefaultValueFactory = _ => 1 };
        var seconds = new Option<double>("--seconds") { Description = "How long each workload runs", DefaultValueFactory = _ => 12 };
        var images = new Option<int>("--images") { Description = "Most images of one workload, spread over all of it", DefaultValueFactory = _ => int.MaxValue };
        var variants = new Option<int>("--variants") { Description = "Random parts of what was not flushed, for each flush", DefaultValueFactory = _ => 2 };
        var real = new Option<int>("--real") { Description = "One image of so many is recovered by the real program on a real mount; all others in this process", DefaultValueFactory = _ => 100 };
        var omit = new Option<string>("--omit") { Description = "A step that the agent leaves out: passes only if that loses something", HelpName = "STEP" };
        var memory = new Option<string>("--memory") { Description = "Where the disk is: a file system in memory", HelpName = "DIR", DefaultValueFactory = _ => "/dev/shm" };
        foreach (var option in (Option[])[runs, seconds, images, variants, real, omit, memory]) command.Options.Add(option);
        return (parsed, context, stop) => RunAsync(
            context,
            new PowerPlan(
                parsed.GetValue(runs), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(images), parsed.GetValue(variants), parsed.GetValue(real),
                parsed.GetValue(omit), parsed.GetValue(memory)!),
            stop);
    }

    private static async Task<TortureResult> RunAsync(TortureContext context, PowerPlan plan, CancellationToken stop)
    {
        var tally = new PowerTally();
        for (var run = 0; run < plan.Runs && !stop.IsCancellationRequested; run++)
        {
            var folder = Directory.CreateDirectory(Path.Combine(plan.Memory, $"syncagent-power-{Environment.ProcessId}-{run}")).FullName;
            try
            {
                await RunOneAsync(context, plan, context.Seed + run, folder, tally, stop);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return tally.Result(plan.Omit, MostShown);
    }

    private static async Task RunOneAsync(TortureContext context, PowerPlan plan, int seed, string folder, PowerTally tally, CancellationToken stop)
    {
        await using var recording = await Recording.MakeAsync(context, seed, folder, plan.Duration, plan.Omit);
        var chance = new Random(seed);
        using var runner = new ImageRunner(context, recording, chance);
        var moments = Thin(CrashImages.MomentsOf(runner.Log, chance, plan.Variants), plan.Images);
        tally.Recorded(recording, runner.Log);
        context.Tell(string.Create(
            CultureInfo.InvariantCulture,
            $"seed {seed}: {recording.Histories.Sum(history => history.Steps.Count)} steps, {recording.Histories.Sum(history => history.Acknowledgements)} acknowledgements, {recording.Bucket.Changes} changes of the bucket, {runner.Log.Entries.Count(entry => entry.IsFlush)} flushes, {moments.Count} images"));
        foreach (var (index, moment) in moments.Index())
        {
            if (stop.IsCancellationRequested) break;
            var real = plan.Omit is null && index % plan.Real == plan.Real - 1;
            var begun = Stopwatch.GetTimestamp();
            IReadOnlyList<Finding> findings;
            try
            {
                findings = await runner.CheckAsync(moment, real);
            }
            catch (Exception e)
            {
                // Whatever stops recovery is what is looked for.
                findings = [new Finding(Fault.Wrong, $"{e.GetType().Name}: {e.Message}{(e.StackTrace is { } trace ? trace.Split('\n')[0] : "")}")];
            }

            if (findings.Count > 0 && plan.Omit is null && tally.Kept++ < MostKept)
            {
                foreach (var finding in findings) context.Tell($"seed {seed}, image {index}: {finding.Fault}: {finding.What}");
                await runner.KeepAsync(moment, Directory.CreateDirectory(Path.Combine(context.Work, $"seed-{seed}-image-{index}")).FullName);
            }

            tally.Checked(seed, index, moment, real, Stopwatch.GetElapsedTime(begun), findings);
        }

        if (runner.DifferenceAtEnd() is { } offset) tally.Failed($"seed {seed}: the replayed log differs from the device at byte {offset}: this harness is wrong");
        context.Tell($"seed {seed}: {tally.Summary}");
    }

    private static IReadOnlyList<CrashMoment> Thin(IReadOnlyList<CrashMoment> moments, int most) =>
        moments.Count <= most ? moments : [.. Enumerable.Range(0, most).Select(index => moments[(int)((long)index * moments.Count / most)])];
}

/// <summary>What is to be done.</summary>
internal sealed record PowerPlan(int Runs, TimeSpan Duration, int Images, int Variants, int Real, string? Omit, string Memory);
