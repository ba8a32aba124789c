using System.CommandLine;
using SyncAgent.Torture.Backlog;
using SyncAgent.Torture.Chaos;
using SyncAgent.Torture.Crash;
using SyncAgent.Torture.Economy;
using SyncAgent.Torture.Power;
using SyncAgent.Torture.Support;

namespace SyncAgent.Torture;

/// <summary>
/// Breaks the real program on purpose, over and over, and checks from the server's side that nothing was lost.
/// <c>torture MODE --seed N ...</c>; each mode says what it does in its help. Ends with one result line and 0 (passed), 1 (failed) or
/// 77 (cannot run here).
/// </summary>
internal static class Program
{
    private static readonly IReadOnlyList<ITortureMode> Modes = [new CrashMode(), new PowerMode(), new EconomyMode(), new BacklogMode(), new ChaosMode()];

    private static async Task<int> Main(string[] arguments)
    {
        var root = new RootCommand("Breaks the agent on purpose and checks from the server's side that nothing is lost.");
        foreach (var mode in Modes) root.Subcommands.Add(Build(mode));
        return await root.Parse(arguments).InvokeAsync();
    }

    private static Command Build(ITortureMode mode)
    {
        var seed = new Option<int>("--seed") { Description = "Where all chance comes from; the same seed does the same", DefaultValueFactory = _ => 1 };
        var work = new Option<string>("--work") { Description = "Scratch folder on a local disk; made and removed (default: below the folder for temporary files)", HelpName = "DIR" };
        var agent = new Option<string>("--agent") { Description = "Another syncagent than the one that was built beside this program", HelpName = "FILE" };
        var command = new Command(mode.Name, mode.Summary) { seed, work, agent };
        var run = mode.Build(command);
        command.SetAction(async (parsed, stop) =>
        {
            if ((Machine.WhyNot() ?? mode.WhyNot()) is { } reason)
            {
                Console.WriteLine($"torture {mode.Name}: cannot run here: {reason}");
                return TortureResult.CannotRun;
            }

            using var scratch = new Scratch(parsed.GetValue(work));
            var context = new TortureContext(parsed.GetValue(seed), scratch.Path, parsed.GetValue(agent) ?? Machine.Agent);
            var result = await run(parsed, context, stop);
            foreach (var failure in result.Failures) Console.WriteLine($"FAILED {failure}");
            Console.WriteLine(result.Line(mode.Name, context));
            if (result.Failures.Count > 0) scratch.Keep();
            return result.Failures.Count == 0 ? 0 : 1;
        });
        return command;
    }
}
