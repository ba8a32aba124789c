using System.CommandLine;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent refresh</c>: looks at the bucket now instead of when a listing is old.</summary>
internal static class RefreshCommand
{
    public static Command Build(CliContext context)
    {
        var path = new Argument<string?>("PATH")
        {
            Description = "A folder in a drive, or a file for the folder that it is in; the top of every drive when left out",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var recursive = new Option<bool>("--recursive", "-r") { Description = "Also the folders below that were listed before" };
        var command = new Command("refresh", "Shows what others have changed in the bucket, now.") { path, recursive };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? AgentLink.Absolute(text) : null;
            using var client = await AgentLink.ConnectAsync(parsed, state, context, given, stop);
            var answer = await client.RefreshAsync(given, parsed.GetValue(recursive), stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.RefreshAnswer);
            else await context.Out.WriteLineAsync($"{answer.Folders} {(answer.Folders == 1 ? "folder" : "folders")} listed");
            return ExitCodes.Ok;
        });
        return command;
    }
}
