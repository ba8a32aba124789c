using System.CommandLine;
using SyncAgent.Agent.Status;
using SyncAgent.Journal.Planning;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent interrupted</c>: files that were open for writing when the agent died, or of which a write failed. They are not
/// sent before they are saved again or somebody decides here.</summary>
internal static class InterruptedCommand
{
    public static Command Build(CliContext context) => new("interrupted", "Files that were open when the agent died, or of which a write failed: they wait for you.")
    {
        List(context),
        Decide("accept", "Takes what is there for the file's content, and sends it.", accept: true, context),
        Decide("discard", "Throws away what was written since the last close; a file that was never closed goes.", accept: false, context),
    };

    private static Command List(CliContext context)
    {
        var command = new Command("list", "Lists them, with their state.");
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var client = await AgentLink.ConnectAsync(parsed, state, context, path: null, stop);
            var interrupted = await client.GetFilesAsync(FileState.Interrupted, stop);
            var incomplete = await client.GetFilesAsync(FileState.Incomplete, stop);
            var answer = new FilesAnswer([.. interrupted.Files, .. incomplete.Files], interrupted.More || incomplete.More);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.FilesAnswer);
                return ExitCodes.Ok;
            }

            foreach (var file in answer.Files) await context.Out.WriteLineAsync($"{StateNames.Of(file.State)}  {Printable.Of(file.Path)}");
            if (answer.More) await context.Out.WriteLineAsync("and more");
            if (answer.Files.Count == 0) await context.Out.WriteLineAsync("no file is interrupted or incomplete");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Decide(string name, string description, bool accept, CliContext context)
    {
        var paths = new Argument<string[]>("PATH") { Description = "Files in a drive", Arity = ArgumentArity.OneOrMore };
        var command = new Command(name, description) { paths };
        var state = StateOption.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            foreach (var given in parsed.GetValue(paths)!)
            {
                var path = Path.GetFullPath(given);
                using var client = await AgentLink.ConnectAsync(parsed, state, context, path, stop);
                await client.SettleInterruptedAsync(path, accept, stop);
                await context.Out.WriteLineAsync($"{path}  {(accept ? "accepted: it is sent now" : "discarded")}");
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
