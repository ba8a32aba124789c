using System.CommandLine;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent pause</c> and <c>resume</c>: hold the transfers of drives or of one file, also over restarts, and let them go on.</summary>
internal static class PauseCommand
{
    public static Command Pause(CliContext context) => Build(
        "pause", "Holds uploads until \"resume\", also over restarts. What is on its way arrives; the drive stays usable.", paused: true, context);

    public static Command Resume(CliContext context) => Build("resume", "Lets held uploads go on where they stopped.", paused: false, context);

    private static Command Build(string name, string description, bool paused, CliContext context)
    {
        var path = new Argument<string?>("PATH") { Description = "A mount point, or a file in a drive; all drives when it is left out", Arity = ArgumentArity.ZeroOrOne };
        path.CompletionSources.Add(MountPoints.Of(context));
        var command = new Command(name, description) { path };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? AgentLink.Absolute(text) : null;
            using var client = await AgentLink.ConnectAsync(parsed, state, context, given, stop);
            var drives = given is null ? [] : (await client.GetDrivesAsync(stop)).Drives;
            if (given is null || drives.Any(drive => drive.MountPoint == given))
            {
                var answer = await client.PauseAsync(given, paused, stop);
                if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PauseAnswer);
                else await SayAsync(answer.MountPoints);
            }
            else
            {
                var answer = await client.PauseFileAsync(given, paused, stop);
                if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PathsAnswer);
                else await SayAsync(answer.Paths);
            }

            return ExitCodes.Ok;
        });
        return command;

        Task SayAsync(IReadOnlyList<string> names) => context.Out.WriteLineAsync($"{string.Join(", ", names)}: {(paused ? "paused" : "goes on")}");
    }
}
