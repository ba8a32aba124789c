using System.CommandLine;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent open</c>: the status page in the user's browser.</summary>
internal static class OpenCommand
{
    public static Command Build(CliContext context)
    {
        var print = new Option<bool>("--print") { Description = "Print the address instead of opening it; it is good once, for a minute" };
        var command = new Command("open", "Opens the status page in the browser; without a desktop it prints the address.") { print };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var client = await ConnectAsync(StateOption.Read(parsed, state, context), context, stop);
            var answer = await client.GetPageTokenAsync(stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PageTokenAnswer);
            else if (parsed.GetValue(print) || !await TryOpenAsync(answer.Url, context, stop)) await context.Out.WriteLineAsync(answer.Url);
            return ExitCodes.Ok;
        });
        return command;
    }

    // Who has no drive yet sets up the first one on the page: that needs an agent.
    private static async Task<ControlClient> ConnectAsync(string state, CliContext context, CancellationToken stop)
    {
        if (await ControlClient.TryConnectAsync(state, stop) is { } client) return client;
        var config = new ServiceScope(system: false, context).DefaultConfig;
        if (AgentLock.IsHeld(state)) throw StatusCommand.NoAgent(state);
        if (File.Exists(config)) throw new CommandException(ExitCodes.NeedsUser, $"no agent runs on {state}; \"syncagent mount --config {config}\" mounts your drives.");
        await DetachedStart.StartWithoutDriveAsync(state, stop);
        return await ControlClient.TryConnectAsync(state, stop) ?? throw StatusCommand.NoAgent(state);
    }

    private static async Task<bool> TryOpenAsync(string url, CliContext context, CancellationToken stop)
    {
        if (string.IsNullOrEmpty(context.Environment("DISPLAY")) && string.IsNullOrEmpty(context.Environment("WAYLAND_DISPLAY"))) return false;
        try
        {
            return (await context.RunProgram("xdg-open", [url], stop)).ExitCode == 0;
        }
        catch (IOException)
        {
            return false; // there is no xdg-open: the address is printed
        }
    }
}
