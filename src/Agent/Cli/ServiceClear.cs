using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary>After the end of a service, however it ended: what it left mounted is taken away, so that nobody hangs or fails on it.</summary>
internal static class ServiceClear
{
    /// <summary>The state folder that a configuration names, or null.</summary>
    public static string? StateOf(string? config)
    {
        try
        {
            return config is null ? null : ConfigFile.Read(config).State;
        }
        catch (CommandException)
        {
            return null; // broken while the agent ran; the agent says so at its next start
        }
    }

    public static async Task<int> RunAsync(string state, CliContext context, CancellationToken stop)
    {
        var registry = new MountRegistry(StateFolder.Runtime(context.Environment));
        await StuckAgent.ReleaseAsync(state, registry, context.Time, stop);
        // Somebody else's by now: it has replaced the dead mounts itself.
        if (AgentLock.IsHeld(state)) return ExitCodes.Ok;
        foreach (var entry in registry.All().Where(entry => entry.State == state))
        {
            if (await DeadMount.TryClearAsync(entry.MountPoint, stop)) await context.Out.WriteLineAsync($"{entry.MountPoint}: the dead mount is gone");
            registry.Remove(entry.MountPoint);
        }

        return ExitCodes.Ok;
    }
}
