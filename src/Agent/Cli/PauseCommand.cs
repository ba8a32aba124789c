using System.CommandLine;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent pause</c> and <c>resume</c>: hold the transfers of drives, also over restarts, and let them go on.</summary>
internal static class PauseCommand
{
    public static Command Pause(CliContext context) => Build(
        "pause", "Holds uploads until \"resume\", also over restarts. What is on its way arrives; the drive stays usable.", paused: true, context);

    public static Command Resume(CliContext context) => Build("resume", "Lets held uploads go on where they stopped.", paused: false, context);

    private static Command Build(string name, string description, bool paused, CliContext context)
    {
        var path = new Argument<string?>("DIR") { Description = "Mount point; all drives when it is left out", Arity = ArgumentArity.ZeroOrOne };
        path.CompletionSources.Add(MountPoints.Of(context));
        var command = new Command(name, description) { path };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? AgentLink.Absolute(text) : null;
            using var client = await AgentLink.ConnectAsync(parsed, state, context, given, stop);
            var answer = await client.PauseAsync(given, paused, stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PauseAnswer);
            else await context.Out.WriteLineAsync($"{string.Join(", ", answer.MountPoints)}: {(paused ? "paused" : "goes on")}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
