using System.CommandLine;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent agent</c>, hidden: an agent without a drive, for the page that sets up the first one. "open" starts it.</summary>
internal static class AgentCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "agent";

    public static Command Build(CliContext context)
    {
        var command = new Command(Name, "Runs an agent without a drive, which ends by itself when it gets none.") { Hidden = true };
        var state = StateOption.AddTo(command);
        command.SetAction((parsed, stop) =>
            AgentProcess.RunAsync(new MountPlan(StateOption.Read(parsed, state, context), [], new EngineSettings()), detached: true, context, stop));
        return command;
    }
}
