using System.Data.Common;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Repair;

/// <summary>What all checks look at: a state folder, its drives, and the agent that works on it, if one does. Dispose when done.</summary>
internal sealed class DoctorCase : IDisposable
{
    private DoctorCase(string state, CliContext context)
    {
        State = state;
        Context = context;
        Registry = new MountRegistry(StateFolder.Runtime(context.Environment));
    }

    /// <summary>State folder, absolute; it may not exist.</summary>
    public string State { get; }

    /// <summary>The process's world.</summary>
    public CliContext Context { get; }

    /// <summary>Live mounts of this user.</summary>
    public MountRegistry Registry { get; }

    /// <summary>The picture that the live agent gives of itself, or null when none answers.</summary>
    public StatusSnapshot? Agent { get; private init; }

    /// <summary>Whether some process works on the state folder, answering or not.</summary>
    public bool IsLocked { get; private init; }

    /// <summary>The journal, or null when there is none that can be read.</summary>
    public JournalReader? Journal { get; private init; }

    /// <summary>Why the journal cannot be read, or null.</summary>
    public string? JournalTrouble { get; private init; }

    /// <summary>The drives that are looked at, and how their buckets are reached.</summary>
    public IReadOnlyList<DriveTarget> Drives { get; init; } = [];

    /// <summary>Mount points of drives whose store did not answer as it should: later checks need not wait for it again.</summary>
    public ISet<string> SilentStores { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Options of the configuration file, or none.</summary>
    public ConfigFile Config { get; init; } = ConfigFile.Empty;

    /// <summary>The configuration file, absolute, or null.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>Opens what there is.</summary>
    /// <param name="state">State folder.</param>
    /// <param name="context">The process's world.</param>
    /// <param name="drives">Chooses the drives, given those that the state folder knows.</param>
    /// <param name="config">The configuration file and where it is, or null.</param>
    /// <param name="stop">Cancels.</param>
    public static async Task<DoctorCase> OpenAsync(
        string state, CliContext context, Func<Func<IReadOnlyList<DriveTarget>>, IReadOnlyList<DriveTarget>> drives, (ConfigFile File, string Path)? config,
        CancellationToken stop)
    {
        StatusSnapshot? agent = null;
        if (await ControlClient.TryConnectAsync(state, stop) is { } client)
        {
            using (client) agent = await client.GetStatusAsync(stop);
        }

        var (journal, known, trouble) = OpenJournal(state);
        return new DoctorCase(state, context)
        {
            Agent = agent,
            IsLocked = AgentLock.IsHeld(state),
            Journal = journal,
            JournalTrouble = trouble,
            Drives = drives(() => known),
            Config = config?.File ?? ConfigFile.Empty,
            ConfigPath = config?.Path,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => Journal?.Dispose();

    private static (JournalReader? Journal, IReadOnlyList<DriveTarget> Drives, string? Trouble) OpenJournal(string state)
    {
        if (!File.Exists(Path.Combine(state, JournalStore.FileName))) return (null, [], null);
        JournalReader? journal = null;
        try
        {
            journal = JournalReader.OpenBeside(state);
            return (journal, DriveTargets.All(journal), null);
        }
        catch (Exception e) when (e is JournalException or IOException or UnauthorizedAccessException or DbException)
        {
            journal?.Dispose();
            return (null, [], e.Message);
        }
    }
}
