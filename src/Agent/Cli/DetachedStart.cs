using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Cli;

/// <summary>A mount line without <c>--foreground</c>: adds the drives to the live agent, or starts one that outlives the terminal
/// and returns when its drives are mounted.</summary>
internal static class DetachedStart
{
    /// <summary>An agent that holds the lock but does not answer is just starting or ending: it gets this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<int> RunAsync(MountPlan plan, bool json, CliContext context, CancellationToken stop)
    {
        StateFolder.Create(plan.State);
        using var client = await FindAgentAsync(plan.State, context, stop);
        return client is null ? await StartAsync(plan, json, context, stop) : await AddAsync(client, plan, json, context, stop);
    }

    private static async Task<ControlClient?> FindAgentAsync(string state, CliContext context, CancellationToken stop)
    {
        await StuckAgent.ReleaseAsync(state, new MountRegistry(StateFolder.Runtime(context.Environment)), context.Time, stop);
        var begun = context.Time.GetTimestamp();
        while (AgentLock.IsHeld(state))
        {
            if (await ControlClient.TryConnectAsync(state, stop) is { } client) return client;
            if (context.Time.GetElapsedTime(begun) > Patience) throw StatusCommand.NoAgent(state);
            await Task.Delay(Pause, context.Time, stop);
        }

        return null;
    }

    private static async Task<int> AddAsync(ControlClient client, MountPlan plan, bool json, CliContext context, CancellationToken stop)
    {
        foreach (var drive in plan.Drives)
        {
            var keys = drive.Target.Credentials.NeedsEnvironment ? Credentials.TryRead(drive.Target, context.Environment) : null;
            var answer = await client.MountAsync(new MountRequest(drive, plan.Engine, keys), stop);
            if (json) await JsonOutput.WriteLineAsync(context, answer, ControlJson.Default.MountAnswer);
            else await context.Out.WriteLineAsync(
                answer.AlreadyMounted ? $"{answer.MountPoint} was mounted already" : $"{answer.MountPoint} is mounted, by the agent with pid {client.Address.Pid}");
        }

        return ExitCodes.Ok;
    }

    /// <summary>Starts an agent without a drive on a state folder where none runs.</summary>
    /// <exception cref="CommandException">It did not start.</exception>
    public static async Task StartWithoutDriveAsync(string state, CancellationToken stop)
    {
        StateFolder.Create(state);
        var own = OwnProgram.Find();
        var (_, error) = await LaunchAsync(state, new LogSettings(), own[0], [.. own.Skip(1), AgentCommand.Name, "--state", state], stop);
        if (error is { } failed) throw new CommandException(failed.ExitCode, $"an agent for {state} did not start: {failed.Said.Trim()}");
    }

    private static async Task<int> StartAsync(MountPlan plan, bool json, CliContext context, CancellationToken stop)
    {
        var (program, arguments) = OwnCommand(context);
        var (pid, error) = await LaunchAsync(plan.State, plan.Agent.Log, program, arguments, stop);
        if (error is null)
        {
            foreach (var drive in plan.Drives)
            {
                if (json) await JsonOutput.WriteLineAsync(context, new MountAnswer(drive.MountPoint, AlreadyMounted: false), ControlJson.Default.MountAnswer);
                else await context.Out.WriteLineAsync($"{drive.MountPoint} is mounted (pid {pid}, log {Path.Combine(plan.State, LogFiles.Name)})");
            }

            return ExitCodes.Ok;
        }

        await context.Error.WriteAsync(error.Said);
        if (json) await JsonOutput.WriteLineAsync(context, new ErrorAnswer(error.Said.Trim(), error.ExitCode), ControlJson.Default.ErrorAnswer);
        return error.ExitCode;
    }

    private static async Task<(int Pid, LaunchError? Error)> LaunchAsync(
        string state, LogSettings settings, string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        var log = Path.Combine(state, LogFiles.Name);
        var from = LogFiles.Rotate(log, settings);
        var (pid, exitCode) = await ReadyProcess.StartAsync(
            program, arguments, log,
            // The runtime's own core dumps, which it writes by itself, would have the keys in them.
            new Dictionary<string, string> { ["DOTNET_DbgEnableMiniDump"] = "0" }, stop);
        return (pid, exitCode is { } code ? new LaunchError(code != 0 ? code : ExitCodes.NeedsUser, LogFiles.ReadFrom(log, from)) : null);
    }

    /// <summary>An agent that ended before it was ready, and its last words.</summary>
    private sealed record LaunchError(int ExitCode, string Said);

    /// <summary>This program with the same arguments, told that it is the detached one.</summary>
    private static (string Program, IReadOnlyList<string> Arguments) OwnCommand(CliContext context)
    {
        // What the agent says goes to its log, for people; JSON is this process's to print.
        var arguments = context.Arguments.Where(argument => argument != JsonOutput.Name).ToList();
        arguments.Insert(arguments.IndexOf("mount") + 1, MountCommand.DetachedOption);
        var own = OwnProgram.Find();
        return (own[0], [.. own.Skip(1), .. arguments]);
    }
}
