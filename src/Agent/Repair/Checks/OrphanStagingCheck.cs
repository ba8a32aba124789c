using System.Globalization;
using Microsoft.Extensions.Logging;
using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Hosting;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Staging files that no row knows. An agent looks after them itself when it starts.</summary>
internal sealed class OrphanStagingCheck : ICheck
{
    public string Name => "orphan staging files";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (patient.IsLocked) return Task.FromResult(CheckOutcome.Skip("the agent, which runs, has looked after them at its start"));
        return Task.FromResult(patient.Journal is { } journal ? Look(patient, journal) : CheckOutcome.Skip("no journal that can be read"));
    }

    private static CheckOutcome Look(DoctorCase patient, JournalReader journal)
    {
        var files = Directory.Exists(Path.Combine(patient.State, "staging"))
            ? Directory.EnumerateFiles(Path.Combine(patient.State, "staging")).Where(file => StagingFolder.IsContent(Path.GetFileName(file)) && !journal.KnowsStaging(Path.GetFileName(file))).ToList()
            : [];
        return CheckOutcome.Of(files.Count == 0 ? null : new Finding(
            string.Create(CultureInfo.InvariantCulture, $"{files.Count} staging files ({ByteSize.Format(files.Sum(file => new FileInfo(file).Length))}) are in no row of the journal"),
            "The next mount moves them to lost+found in the state folder")
        {
            Fix = _ => Task.FromResult(Sweep(patient)),
        });
    }

    private static string Sweep(DoctorCase patient)
    {
        using var taken = AgentLock.TryTake(patient.State) ?? throw new IOException("an agent has begun to work on the state folder.");
        using var store = JournalStore.Open(patient.State);
        var lost = new LostAndFound(patient.State, patient.Context.Time);
        using var quiet = LoggerFactory.Create(_ => { });
        // Nobody makes staging files while the lock is held here.
        var moved = JournalRecovery.SweepStaging(store, lost, DateTime.MaxValue, quiet.CreateLogger("doctor"));
        return string.Create(CultureInfo.InvariantCulture, $"moved {moved} to {lost.Folder}; empty ones were deleted");
    }
}
