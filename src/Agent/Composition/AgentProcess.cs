using System.Diagnostics.Metrics;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Monitoring;
using SyncAgent.Agent.Setup;
using SyncAgent.Agent.Status;
using SyncAgent.Fs.Core;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Composition;

/// <summary>An agent's life in this process: lock, journal, recovery, drives, API; then wait; then everything back in reverse.</summary>
internal static class AgentProcess
{
    /// <summary>How long an agent that was started without a drive waits for its first one.</summary>
    private static readonly TimeSpan UnusedTime = TimeSpan.FromMinutes(30);

    /// <summary>Runs an agent until it is told to stop.</summary>
    /// <param name="plan">What to mount; with no drive, one is expected from a client.</param>
    /// <param name="detached">Whether it lives for its drives only, and away from the folder where it was started.</param>
    /// <param name="context">The process's world.</param>
    /// <param name="stop">SIGTERM, SIGINT.</param>
    public static async Task<int> RunAsync(MountPlan plan, bool detached, CliContext context, CancellationToken stop)
    {
        StateFolder.Create(plan.State);
        var registry = new MountRegistry(StateFolder.Runtime(context.Environment));
        await StuckAgent.ReleaseAsync(plan.State, registry, context.Time, stop);
        using var taken = AgentLock.TryTake(plan.State) ?? throw Refusal(plan.State);
        AgentFile.Delete(plan.State);
        // A working directory inside a mount, or on a disk that somebody wants to unmount, would be in the way.
        if (detached) Directory.SetCurrentDirectory(OperatingSystem.IsWindows() ? plan.State : "/");
        using var loggers = AgentLogging.ToStandardError(plan.Agent.Log, context.Log);
        var logger = loggers.CreateLogger("agent");
        // The log says the same: where programs read it there is nothing else among its lines.
        var people = plan.Agent.Log.Json == true ? TextWriter.Null : context.Out;

        if (CrashPoints.Warning is { } warning) await context.Error.WriteLineAsync($"syncagent: {warning}");
        using var recovery = AgentRecovery.Begin(plan.State, context.Time, logger);
        var journal = recovery.Journal;
        using var cache = CacheStore.Open(plan.State, discard: recovery.ForgetsListings);
        await using var groups = new GroupCommitter(journal, context.Time, loggers.CreateLogger("journal"), StagedContentCheck.IsIntact(journal, loggers.CreateLogger("journal")));
        using var meter = new Meter(AgentMetrics.MeterName, OwnVersion.Text);
        using var stores = new StoreMetrics(meter);
        var opener = new DriveOpener(journal, cache, groups, stores, context.Time, loggers);
        await using var host = new AgentHost(journal, groups, opener, registry, detached, context.Time, logger)
        {
            Recovery = recovery,
            StopTimeout = plan.Agent.StopTimeout ?? AgentSettings.DefaultStopTimeout,
        };
        await using var machine = new MachineLink(host, plan.Agent, context.Environment, logger);
        var home = new SetupHome(plan.Config ?? new ServiceScope(system: false, context).DefaultConfig, StateFolder.Default(context.Environment), context.Environment);
        var routes = new ControlRoutes(host, logger, home);
        var starting = ControlServer.StartAsync(plan.State, routes, loggers);
        try
        {
            foreach (var drive in plan.Drives)
                await host.MountAsync(drive, plan.Engine, new EnvironmentCredentials(context.Environment, Credentials.VariablesOf(drive.Target.Store)), stop);
        }
        catch
        {
            await (await starting).DisposeAsync();
            throw;
        }

        recovery.Start(groups);
        await using var server = await starting;
        using var metrics = new AgentMetrics(meter, host, routes.Status, logger);
        await using var export = await MetricsExport.StartAsync(meter, plan.Agent.Metrics, context.Environment, host, loggers);
        // Only now: an agent that answers has its drives, so that "wait" right after a start waits for the right things.
        server.Publish();
        foreach (var drive in plan.Drives) await people.WriteLineAsync($"{drive.MountPoint} is mounted");
        await people.FlushAsync(CancellationToken.None);
        machine.Ready();
        // Whoever waits for the drives does not wait for this.
        var whole = Task.Run(WholeProgram.Load, CancellationToken.None);
        // Whoever waited for that has read the log's beginning.
        using var rotation = LogRotation.TryStart(plan.State, plan.Agent.Log, context.Time, logger);

        await WaitForEndAsync(host, plan, context.Time, stop);
        await whole;
        if (export is not null) await export.FlushAsync();
        foreach (var answer in await machine.UnmountAllAsync()) await people.WriteLineAsync(UnmountText.Of(answer));
        await recovery.StopAsync();
        await people.FlushAsync(CancellationToken.None);
        await groups.FlushAsync(CancellationToken.None);
        recovery.NoteCleanEnd();
        return ExitCodes.Ok;
    }

    private static async Task WaitForEndAsync(AgentHost host, MountPlan plan, TimeProvider time, CancellationToken stop)
    {
        if (plan.Drives.Count == 0)
        {
            await Task.WhenAny(host.StopRequested, Task.Delay(UnusedTime, time, stop));
            if (host.Drives.Count == 0) return;
        }

        await Task.WhenAny(host.StopRequested, Task.Delay(Timeout.InfiniteTimeSpan, stop));
    }

    private static CommandException Refusal(string state)
    {
        var who = AgentFile.Read(state) is { } other ? $"pid {other.Pid}" : "it is just starting or ending";
        return new CommandException(ExitCodes.NeedsUser, $"another agent ({who}) works on {state}; one agent per state folder.");
    }
}
