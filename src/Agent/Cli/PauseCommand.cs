using System.CommandLine;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Configuration;
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
        var folder = new Argument<string?>("DIR") { Description = "Mount point; all drives when it is left out", Arity = ArgumentArity.ZeroOrOne };
        folder.CompletionSources.Add(MountPoints.Of(context));
        var command = new Command(name, description) { folder };
        var state = StateOption.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var where = StateOption.Read(parsed, state, context);
            using var client = await ControlClient.TryConnectAsync(where, stop) ?? throw StatusCommand.NoAgent(where);
            var mountPoint = parsed.GetValue(folder) is { } given ? DriveValidator.Normalise(given) : null;
            var answer = await client.PauseAsync(mountPoint, paused, stop);
            await context.Out.WriteLineAsync($"{string.Join(", ", answer.MountPoints)}: {(paused ? "paused" : "goes on")}");
            return ExitCodes.Ok;
        });
        return command;
    }
}
