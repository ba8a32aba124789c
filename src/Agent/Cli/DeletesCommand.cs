using System.CommandLine;
using System.Globalization;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent deletes</c>: what was removed in drives and still stands in their buckets.</summary>
internal static class DeletesCommand
{
    private const int DefaultLimit = 1000;
    private const int MaxLimit = 100_000;

    public static Command Build(CliContext context) => new("deletes", "Removed files whose objects are still to be deleted: after a mass deletion they wait for you.")
    {
        List(context),
        Decide("confirm", "Lets all that is removed now be deleted in the bucket.", confirm: true, context),
        Decide("restore", "Takes removals back: what the bucket still holds shows in the drive again.", confirm: false, context),
    };

    private static Command List(CliContext context)
    {
        var folder = Folder(context);
        var limit = NumberOptions.Count("--limit", "Most paths per drive", MaxLimit, DefaultLimit);
        var command = new Command("list", "Lists them: drives, then the paths in each.") { folder, limit };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var client = await AgentLink.ConnectAsync(parsed, state, context, MountPoint(parsed, folder), stop);
            var answer = await client.GetDeletesAsync(MountPoint(parsed, folder), parsed.GetValue(limit), stop);
            if (parsed.GetValue(json))
            {
                await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.DeletesAnswer);
                return ExitCodes.Ok;
            }

            foreach (var drive in answer.Drives)
            {
                await context.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{drive.MountPoint}: {drive.Count} to delete{(drive.Held ? ", waiting for \"deletes confirm\" or \"deletes restore\"" : "")}"));
                foreach (var path in drive.Paths) await context.Out.WriteLineAsync("  " + Printable.Of(path));
                if (drive.Count > drive.Paths.Count) await context.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"  and {drive.Count - drive.Paths.Count} more"));
            }

            return ExitCodes.Ok;
        });
        return command;
    }

    private static Command Decide(string name, string description, bool confirm, CliContext context)
    {
        var folder = Folder(context);
        var command = new Command(name, description) { folder };
        var state = StateOption.AddTo(command);
        var json = JsonOutput.AddTo(command);
        command.SetAction(async (parsed, stop) =>
        {
            using var client = await AgentLink.ConnectAsync(parsed, state, context, MountPoint(parsed, folder), stop);
            var done = await client.DecideDeletesAsync(MountPoint(parsed, folder), confirm, stop);
            if (parsed.GetValue(json)) await JsonOutput.WriteLineAsync(context, done, ControlJson.Default.DeletesDone);
            else await context.Out.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{string.Join(", ", done.MountPoints)}: {done.Count} {(confirm ? "will be deleted" : "restored")}"));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static Argument<string?> Folder(CliContext context)
    {
        var folder = new Argument<string?>("DIR") { Description = "Mount point; all drives when it is left out", Arity = ArgumentArity.ZeroOrOne };
        folder.CompletionSources.Add(MountPoints.Of(context));
        return folder;
    }

    private static string? MountPoint(ParseResult parsed, Argument<string?> folder) =>
        parsed.GetValue(folder) is { } given ? DrivePaths.Normalise(given) : null;
}
