using System.CommandLine;
using System.Globalization;
using SyncAgent.Torture.Rigs;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture.Crash;

/// <summary>How a crash run goes.</summary>
/// <param name="Points">Whether named points are armed; otherwise all kills come at random times.</param>
/// <param name="PerPoint">Kills at each point after which it has had enough.</param>
/// <param name="LongestLife">A life that does not reach its point is killed at a random time up to about this.</param>
/// <param name="DrainPatience">How long a drain may take.</param>
/// <param name="Omit">A step that the agent is to leave out: then the run must fail.</param>
internal sealed record CrashOptions(bool Points, int PerPoint, TimeSpan LongestLife, TimeSpan DrainPatience, string? Omit);

/// <summary>The crash-promise test.</summary>
internal sealed class CrashMode : ITortureMode
{
    /// <inheritdoc/>
    public string Name => "crash";

    /// <inheritdoc/>
    public string Summary => "Kills the agent at every named point and at random times; everything closed must be in the bucket in the end.";

    /// <inheritdoc/>
    public TortureRun Build(Command command)
    {
        var seconds = new Option<double>("--seconds") { Description = "Ends after this time, if the kills wanted are not reached before", DefaultValueFactory = _ => 60 };
        var perPoint = new Option<int>("--per-point") { Description = "Kills wanted at each named point; fewer is a failure. 0 wants none", DefaultValueFactory = _ => 0 };
        var kills = new Option<int>("--kills") { Description = "Kills wanted in all, with work pending; fewer is a failure", DefaultValueFactory = _ => 1 };
        var rigs = new Option<int>("--rigs") { Description = "Machines at once", DefaultValueFactory = _ => 2 };
        var atRandom = new Option<bool>("--at-random") { Description = "No named points, only random times" };
        var point = new Option<string[]>("--point") { Description = "Only points whose name begins so; may be repeated", HelpName = "NAME" };
        var omit = new Option<string>("--omit") { Description = "Negative control: the agent leaves out a step (commit), and the run must fail", HelpName = "STEP" };
        var tally = new Option<string>("--tally") { Description = "File that keeps the kills at points from run to run; those of earlier runs count", HelpName = "FILE" };
        foreach (var option in (Option[])[seconds, perPoint, kills, rigs, atRandom, point, omit, tally]) command.Options.Add(option);
        return async (parsed, context, stop) =>
        {
            var names = (await Tool.RunAsync(context.Agent, ["crash-points"])).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(name => parsed.GetValue(point) is not { Length: > 0 } only || only.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToList();
            var wanted = parsed.GetValue(perPoint);
            var options = new CrashOptions(!parsed.GetValue(atRandom), Math.Max(wanted, 1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(90), parsed.GetValue(omit));
            var points = new PointTable(names, parsed.GetValue(tally));
            var counts = new CrashCounts();
            var end = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            var failures = await RunAsync(context, options, points, counts, parsed.GetValue(rigs), IsEnough);
            return Judge(failures, points, counts, options.Points ? wanted : 0, parsed.GetValue(kills));

            bool IsEnough() => stop.IsCancellationRequested || context.Elapsed > end
                || (wanted > 0 && points.Below(wanted).Count == 0 && points.Kills + counts.RandomKills >= parsed.GetValue(kills));
        };
    }

    private static async Task<List<string>> RunAsync(
        TortureContext context, CrashOptions options, PointTable points, CrashCounts counts, int rigs, Func<bool> isEnough)
    {
        using var ended = new CancellationTokenSource();
        var telling = TellAsync(context, points, counts, ended.Token);
        var failures = await Task.WhenAll(Enumerable.Range(0, rigs).Select(number => Task.Run(() => new CrashRun(context, options, points, counts, number).RunAsync(isEnough))));
        await ended.CancelAsync();
        await telling;
        return [.. failures.SelectMany(found => found)];
    }

    private static async Task TellAsync(TortureContext context, PointTable points, CrashCounts counts, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(30));
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
                context.Tell($"{points.Kills} kills at points, {counts.RandomKills} at random, {counts.Idle} idle, {counts.Drains} drains; {points.Below(1).Count} points not reached yet");
        }
        catch (OperationCanceledException)
        {
            // the run is over
        }
    }

    private static TortureResult Judge(List<string> failures, PointTable points, CrashCounts counts, int perPoint, int kills)
    {
        foreach (var line in points.Lines()) Console.WriteLine(line);
        if (points.Below(perPoint) is { Count: > 0 } rare) failures.Add($"{rare.Count} points had fewer than {perPoint} kills: {string.Join(", ", rare)}");
        var all = points.Kills + counts.RandomKills;
        if (all < kills) failures.Add($"{all} kills with work pending, {kills} were wanted");
        return new TortureResult(
            [
                ("kills", Text(all)), ("of them at named points", Text(points.Kills)), ("of these in earlier runs", Text(points.Before)), ("points reached", $"{points.Lines().Count() - points.Below(1).Count} of {points.Lines().Count()}"),
                ("idle", Text(counts.Idle)), ("drains", Text(counts.Drains)), ("wipes", Text(counts.Wipes)), ("calls", Text(counts.Calls)),
                ("objects compared", Text(counts.Compared)), ("uploads left whose id was lost", Text(counts.LostUploads)),
                ("mounted after", $"{(counts.Starts == 0 ? 0 : counts.StartMilliseconds / counts.Starts)} ms (slowest {counts.SlowestStartMilliseconds})"),
                ("lost", Text(failures.Count(failure => failure.Contains("LOST", StringComparison.Ordinal)))),
                ("torn", Text(failures.Count(failure => failure.Contains("TORN", StringComparison.Ordinal)))),
            ],
            failures);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
