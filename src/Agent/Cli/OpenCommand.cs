using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent open</c>: the status page in the user's browser.</summary>
internal static class OpenCommand
{
    public static Command Build(CliContext context)
    {
        var print = new Option<bool>("--print") { Description = "Print the address instead of opening it; it is good once, for a minute" };
        var command = new Command("open", "Opens the status page in the browser, and mounts your drives if no agent runs; without a desktop it prints the address.") { print };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var (connected, code) = await ConnectAsync(parsed, state, context, stop);
            if (connected is null) return code;
            using var client = connected;
            var answer = await client.GetPageTokenAsync(stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PageTokenAnswer);
            else if (parsed.GetValue(print) || !await TryOpenAsync(answer.Url, context, stop)) await context.Out.WriteLineAsync(answer.Url);
            return ExitCodes.Ok;
        });
        return command;
    }

    // Whoever chooses this from a menu wants it to run: with the drives that are set up, or without any, to set up the first one on the page.
    private static async Task<(ControlClient? Client, int Code)> ConnectAsync(ParseResult parsed, Option<string> option, CliContext context, CancellationToken stop)
    {
        var state = StateOption.Read(parsed, option, context);
        if (await ControlClient.TryConnectAsync(state, stop) is { } running) return (running, ExitCodes.Ok);
        if (AgentLock.IsHeld(state)) throw StatusCommand.NoAgent(state);
        var config = new ServiceScope(system: false, context).DefaultConfig;
        if (!File.Exists(config))
        {
            await DetachedStart.StartWithoutDriveAsync(state, stop);
        }
        else if (parsed.GetValue(option) is not null)
        {
            throw new CommandException(ExitCodes.NeedsUser, $"no agent runs on {state}; \"syncagent mount --config {config}\" mounts your drives.");
        }
        else
        {
            var code = await CommandLine.RunAsync(["mount", "--config", config], context with { Out = context.Error });
            if (code != ExitCodes.Ok) return (null, code);
            state = StateOption.Read(parsed, option, context, ConfigFile.Read(config).State);
        }

        return (await ControlClient.TryConnectAsync(state, stop) ?? throw StatusCommand.NoAgent(state), ExitCodes.Ok);
    }

    private static bool TryOpenOnWindows(string url)
    {
        try
        {
            Process.Start(new ProcessStartInfo(url) { UseShellExecute = true })?.Dispose();
            return true;
        }
        catch (Win32Exception)
        {
            return false; // no program is known for web addresses
        }
    }

    private static async Task<bool> TryOpenAsync(string url, CliContext context, CancellationToken stop)
    {
        if (OperatingSystem.IsWindows()) return Environment.UserInteractive && TryOpenOnWindows(url);
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
