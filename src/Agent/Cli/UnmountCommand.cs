using System.CommandLine;
using SyncAgent.Agent.Cli.Completion;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent unmount</c>: takes a drive out of the tree, at once or when everything is synced.</summary>
internal static class UnmountCommand
{
    /// <summary>How long an agent without drives may take to end: it closes its journal, which is far from that long.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(15);

    public static Command Build(CliContext context)
    {
        var folder = new Argument<string>("DIR") { Description = "Where the drive is mounted" };
        folder.CompletionSources.Add(MountPoints.Of(context));
        var drain = new Option<bool>("--drain") { Description = "Wait until everything is in the bucket first" };
        var timeout = NumberOptions.Seconds("--timeout", "How long programs that write to the drive may take to close their files (default: the agent's, 60); with --drain: give up after so long, with exit code 2, and leave the drive");
        var command = new Command("unmount", "Unmounts a drive. What is not sent yet stays pending and goes on with the next mount.") { folder, drain, timeout };
        var json = JsonOutput.AddTo(command);
        command.SetAction((parsed, stop) => RunAsync(
            DrivePaths.Normalise(parsed.GetRequiredValue(folder)), parsed.GetValue(drain),
            parsed.GetValue(timeout), parsed.GetValue(json), context, stop));
        return command;
    }

    private static async Task<int> RunAsync(string mountPoint, bool drain, TimeSpan? timeout, bool json, CliContext context, CancellationToken stop)
    {
        var registry = new MountRegistry(StateFolder.Runtime(context.Environment));
        var entry = registry.Find(mountPoint);
        using var client = entry is null ? null : await ControlClient.TryConnectAsync(entry.State, stop);
        if (client is null) return await ClearAsync(mountPoint, entry, registry, context, stop);
        if (drain)
        {
            var code = await WaitCommand.RunAsync(entry!.State, mountPoint, timeout, context, stop);
            if (code != ExitCodes.Ok) return code;
        }

        var answer = await client.UnmountAsync(mountPoint, drain ? null : timeout, stop);
        // Who is told that it is over may move the state folder away, or start the next agent on it.
        if (answer.AgentEnds && !await StuckAgent.EndedAsync(client.Address.Pid, EndPatience, context.Time, stop))
            await context.Error.WriteLineAsync($"syncagent: the agent (pid {client.Address.Pid}) is still ending; it uses {entry!.State} until then.");
        if (json) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.UnmountAnswer);
        else await context.Out.WriteLineAsync(UnmountText.Of(answer));
        if (answer.StillInUse) await context.Error.WriteLineAsync($"syncagent: programs had files open in {mountPoint}; what they write now fails.");
        return ExitCodes.Ok;
    }

    /// <summary>No agent answers for the mount: what a killed one left in the tree is taken away.</summary>
    private static async Task<int> ClearAsync(string mountPoint, MountEntry? entry, MountRegistry registry, CliContext context, CancellationToken stop)
    {
        if (entry is not null) await StuckAgent.ReleaseAsync(entry.State, registry, context.Time, stop);
        if (entry is not null && AgentLock.IsHeld(entry.State))
            throw new CommandException(ExitCodes.NeedsUser, $"the agent of {mountPoint} (pid {entry.Pid}) does not answer.");
        if (!await DeadMount.TryClearAsync(mountPoint, stop)) throw new CommandException(ExitCodes.NeedsUser, $"no drive is mounted at {mountPoint}.");
        registry.Remove(mountPoint);
        await context.Out.WriteLineAsync($"{mountPoint} is unmounted: its agent was dead. Mount it again to go on with what is pending.");
        return ExitCodes.Ok;
    }
}
