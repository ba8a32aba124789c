using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent service uninstall</c>: state and configuration stay, and it says what is still to be sent.</summary>
internal static class ServiceUninstall
{
    public static async Task<int> RunAsync(ServiceScope scope, CliContext context, CancellationToken stop)
    {
        await scope.CheckAsync(stop);
        if (!File.Exists(scope.UnitFile))
        {
            await context.Out.WriteLineAsync(
                await scope.PackagedUnitAsync(stop) is { } packaged
                    ? $"{packaged} belongs to a package and goes with it; \"systemctl{(scope.IsSystem ? "" : " --user")} disable --now {SystemdUnit.Name}\" switches it off"
                    : $"{SystemdUnit.Name} is not installed");
            return ExitCodes.Ok;
        }

        var unit = SystemdUnit.TryRead(await File.ReadAllTextAsync(scope.UnitFile, stop))
            ?? throw new CommandException(ExitCodes.NeedsUser, $"{scope.UnitFile} was not written by syncagent; it is left as it is.");
        await scope.DoAsync(["disable", "--now", SystemdUnit.Name], stop);
        File.Delete(scope.UnitFile);
        await scope.DoAsync(["daemon-reload"], stop);
        await context.Out.WriteLineAsync($"{SystemdUnit.Name} is removed; its state stays in {unit.State}, its configuration in {unit.Config}");
        // None: an agent that was started by hand meanwhile goes on with it.
        foreach (var line in OnlyHere.Find(unit.State, context.Time) ?? []) await context.Out.WriteLineAsync(line);
        return ExitCodes.Ok;
    }
}
