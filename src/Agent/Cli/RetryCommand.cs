using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent retry</c>: another chance, now, for what failed or waits after a failure.</summary>
internal static class RetryCommand
{
    public static Command Build(CliContext context)
    {
        var path = new Argument<string?>("PATH") { Description = "A file or folder in a drive; everything when left out", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("retry", "Tries again, now, what failed or waits after a failure.") { path };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? AgentLink.Absolute(text) : null;
            using var client = await AgentLink.ConnectAsync(parsed, state, context, given, stop);
            var answer = await client.RetryAsync(given, stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.RetryAnswer);
            else
            {
                await context.Out.WriteLineAsync(answer.Files == 0
                    ? "nothing has failed or waits after a failure"
                    : string.Create(CultureInfo.InvariantCulture, $"{answer.Files} {(answer.Files == 1 ? "file is" : "files are")} tried again; \"syncagent status\" shows how it goes"));
            }

            return ExitCodes.Ok;
        });
        return command;
    }
}
