using System.CommandLine;
using SyncAgent.Agent.Direct;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent crash-points</c>, hidden: the names at which a test can let the agent die, a line each.</summary>
internal static class CrashPointsCommand
{
    public static Command Build(CliContext context)
    {
        var command = new Command("crash-points", "Lists the moments at which tests let this program die.") { Hidden = true };
        command.SetAction(async (_, stop) =>
        {
            foreach (var name in CrashPoints.Names.Concat(CrashPointStore.Names)) await context.Out.WriteLineAsync(name.AsMemory(), stop);
            return ExitCodes.Ok;
        });
        return command;
    }
}
