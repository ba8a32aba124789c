using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent pause</c>, <c>resume</c> and <c>cancel</c>: hold the transfers of drives or of one file, also over restarts, and let
/// them go on.</summary>
internal static class PauseCommand
{
    private const int MostNamed = 10;

    public static Command Pause(CliContext context)
    {
        var command = new Command("pause", "Holds uploads until \"resume\", also over restarts. What is on its way to a drive's bucket arrives; the drive stays usable. Of a folder it holds what waits in it now.");
        return Build(command, "A mount point, or a file or folder in a drive; all drives when it is left out", context, async (client, path, stop) =>
            path is null || await IsMountPointAsync(client, path, stop) ? await client.PauseAsync(path, paused: true, stop) : await client.PauseFileAsync(path, paused: true, stop));
    }

    public static Command Resume(CliContext context)
    {
        var command = new Command("resume", "Lets held uploads go on where they stopped. Files that were held one by one go on when they, or a folder above them, are named.");
        return Build(command, "A mount point, or a file or folder in a drive; all drives when it is left out", context, async (client, path, stop) =>
            path is null || await IsMountPointAsync(client, path, stop) ? await client.PauseAsync(path, paused: false, stop) : await client.PauseFileAsync(path, paused: false, stop));
    }

    public static Command Cancel(CliContext context)
    {
        var command = new Command("cancel", "Ends the upload of a file, gives up what was sent of it, and holds the file until \"resume PATH\".");
        var path = new Argument<string?>("PATH") { Description = "A file in a drive", Arity = ArgumentArity.ExactlyOne };
        command.Arguments.Add(path);
        return Build(command, path, "cancelled, and held until \"resume\"", context, (client, given, stop) => client.CancelAsync(given!, stop));
    }

    private static Command Build(
        Command command, string description, CliContext context, Func<ControlClient, string?, CancellationToken, Task<PauseAnswer>> act)
    {
        var path = new Argument<string?>("PATH") { Description = description, Arity = ArgumentArity.ZeroOrOne };
        path.CompletionSources.Add(MountPoints.Of(context));
        command.Arguments.Add(path);
        return Build(command, path, command.Name == "pause" ? "paused" : "goes on", context, act);
    }

    private static Command Build(
        Command command, Argument<string?> path, string done, CliContext context, Func<ControlClient, string?, CancellationToken, Task<PauseAnswer>> act)
    {
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            var given = parsed.GetValue(path) is { } text ? AgentLink.Absolute(text) : null;
            using var client = await AgentLink.ConnectAsync(parsed, state, context, given, stop);
            var answer = await act(client, given, stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.PauseAnswer);
            else await context.Out.WriteLineAsync($"{Describe(answer)}: {done}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static string Describe(PauseAnswer answer)
    {
        var all = answer.MountPoints.Concat(answer.Paths ?? []).ToList();
        return all.Count > MostNamed
            ? string.Create(CultureInfo.InvariantCulture, $"{all.Count:N0} files and folders")
            : string.Join(", ", all.Select(Printable.Of));
    }

    private static async Task<bool> IsMountPointAsync(ControlClient client, string path, CancellationToken stop) =>
        (await client.GetDrivesAsync(stop)).Drives.Any(drive => drive.MountPoint == path);
}
