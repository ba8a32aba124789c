using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Direct;

/// <summary>Reads what a state folder knows: from its agent, or from its journal when none runs.</summary>
internal static class StateReader
{
    /// <summary>Asks the agent, else locks and opens the journal; empty when there is none.</summary>
    /// <param name="state">State folder.</param>
    /// <param name="ask">Asks the agent.</param>
    /// <param name="read">Reads the journal.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="CommandException">An agent has the folder and does not answer.</exception>
    public static async Task<IReadOnlyList<T>> ReadAsync<T>(
        string state, Func<ControlClient, Task<IReadOnlyList<T>>> ask, Func<JournalStore, IReadOnlyList<T>> read, CancellationToken stop)
    {
        if (await ControlClient.TryConnectAsync(state, stop) is { } client)
        {
            using (client) return await ask(client);
        }

        if (!File.Exists(Path.Combine(state, "journal.db"))) return [];
        using var taken = AgentLock.TryTake(state) ?? throw StatusCommand.NoAgent(state);
        using var journal = JournalStore.Open(state);
        return read(journal);
    }
}
