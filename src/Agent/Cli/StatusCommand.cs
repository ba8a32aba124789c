using System.CommandLine;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent status</c>: the picture of an agent.</summary>
internal static class StatusCommand
{
    public static Command Build(CliContext context)
    {
        var watch = new Option<bool>("--watch") { Description = "Go on showing it: on a terminal in place, else a line per change" };
        var command = new Command("status", "Shows drives, what is being sent, and what needs you.") { watch };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction((parsed, stop) => parsed.GetValue(watch)
            ? StatusWatch.RunAsync(StateOption.Read(parsed, state, context), context, stop)
            : RunAsync(StateOption.Read(parsed, state, context), parsed.GetValue(json), context, stop));
        return command;
    }

    private static async Task<int> RunAsync(string state, bool json, CliContext context, CancellationToken stop)
    {
        using var client = await ControlClient.TryConnectAsync(state, stop) ?? throw NoAgent(state);
        var status = await client.GetStatusAsync(stop);
        if (json) await JsonOutput.WriteIndentedAsync(context, status, ControlJson.Default.StatusSnapshot);
        else await context.Out.WriteAsync(StatusText.Of(status, Paint.Of(context)));
        return ExitCodes.Ok;
    }

    /// <summary>No agent answers: dead, or never there.</summary>
    public static CommandException NoAgent(string state) => new(
        ExitCodes.NeedsUser,
        AgentLock.IsHeld(state) ? $"the agent of {state} does not answer yet." : $"no agent runs on {state}; \"syncagent mount\" starts one, \"syncagent init\" sets up a first drive.");
}
