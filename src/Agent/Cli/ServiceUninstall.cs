using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Hosting;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Cli;

/// <summary><c>syncagent service uninstall</c>: state and configuration stay, and it says what is still to be sent.</summary>
internal static class ServiceUninstall
{
    public static async Task<int> RunAsync(ServiceScope scope, CliContext context, CancellationToken stop)
    {
        await scope.CheckAsync(stop);
        if (!File.Exists(scope.UnitFile))
        {
            await context.Out.WriteLineAsync($"{SystemdUnit.Name} is not installed");
            return ExitCodes.Ok;
        }

        var unit = SystemdUnit.TryRead(await File.ReadAllTextAsync(scope.UnitFile, stop))
            ?? throw new CommandException(ExitCodes.NeedsUser, $"{scope.UnitFile} was not written by syncagent; it is left as it is.");
        await scope.DoAsync(["disable", "--now", SystemdUnit.Name], stop);
        File.Delete(scope.UnitFile);
        await scope.DoAsync(["daemon-reload"], stop);
        await context.Out.WriteLineAsync($"{SystemdUnit.Name} is removed; its state stays in {unit.State}, its configuration in {unit.Config}");
        foreach (var line in Left(unit.State)) await context.Out.WriteLineAsync(line);
        return ExitCodes.Ok;
    }

    /// <summary>What a state folder has still to send, in sentences.</summary>
    public static List<string> Left(string state)
    {
        if (!File.Exists(Path.Combine(state, "journal.db"))) return [];
        using var taken = AgentLock.TryTake(state);
        if (taken is null) return []; // an agent that was started by hand meanwhile: it goes on with it
        using var journal = JournalStore.Open(state);
        using var reader = journal.OpenReader();
        return
        [
            .. reader.Drives().Select(drive => (drive, Pending: Pending.Of(journal, reader, drive.Id))).Where(left => !left.Pending.IsEmpty)
                .Select(left => $"not in the bucket {left.drive.Bucket} yet: {Pending.Describe(left.Pending)}. Mount it again to go on."),
        ];
    }
}
