using System.CommandLine;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent pin</c>, <c>unpin</c> and <c>pins</c>: what is kept on this machine whatever happens.</summary>
internal static class PinCommand
{
    public static Command Pin(CliContext context) => Change(
        context, "pin", "Keeps a file, or a folder with all that is and comes below it, on this machine.", pinned: true);

    public static Command Unpin(CliContext context) => Change(
        context, "unpin", "Lets what was pinned be given back like any other.", pinned: false);

    public static Command List(CliContext context)
    {
        var command = new Command("pins", "Shows what is pinned and how far it is on this machine.");
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var client = await AgentLink.ConnectAsync(parsed, state, context, path: null, stop);
            var answer = await client.GetPinsAsync(stop);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PinsAnswer);
                return ExitCodes.Ok;
            }

            if (answer.Pins.Count == 0) await context.Out.WriteLineAsync("nothing is pinned");
            foreach (var pin in answer.Pins) await context.Out.WriteLineAsync($"{pin.Path}  {Describe(pin)}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Change(CliContext context, string name, string description, bool pinned)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files or folders in a drive; the drive itself for all of it", Arity = ArgumentArity.OneOrMore };
        var command = new Command(name, description) { paths };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command, "For scripts: a line per path, as the status API has it");
        command.SetAction(async (parsed, stop) =>
        {
            foreach (var given in parsed.GetValue(paths)!)
            {
                var path = AgentLink.Absolute(given);
                using var client = await AgentLink.ConnectAsync(parsed, state, context, path, stop);
                var pin = await client.ChangePinAsync(path, pinned, stop);
                if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, pin, ControlJson.Default.PinStatus);
                else await context.Out.WriteLineAsync(pinned ? $"{pin.Path}  pinned: {Describe(pin)}" : $"{pin.Path}  not pinned any more");
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Describe(PinStatus pin) => pin switch
    {
        { Error: { } error } => error,
        { Complete: true } => $"{Files(pin)}, all here",
        { Files: 0 } => "being looked through",
        _ => $"{Files(pin)}, {ByteSize.Format(pin.MissingBytes)} still to fetch",
    };

    private static string Files(PinStatus pin) => $"{pin.Files} {(pin.Files == 1 ? "file" : "files")} ({ByteSize.Format(pin.Bytes)})";
}
