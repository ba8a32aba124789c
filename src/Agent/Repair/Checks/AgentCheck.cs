using SyncAgent.Agent.Composition;
using SyncAgent.Agent.Status;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether somebody works on what is pending.</summary>
internal sealed class AgentCheck : ICheck
{
    private const int PageSize = 500;

    public string Name => "agent";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (patient.Agent is { } agent)
        {
            return Task.FromResult(CheckOutcome.Of(
                agent.DiskProblem is { } problem ? new Finding($"closed files cannot be made durable: {problem}", "Check the disk of the state folder; it is tried again and again.") : null));
        }

        if (patient.IsLocked)
        {
            return Task.FromResult(CheckOutcome.Of(new Finding(
                $"an agent has {patient.State} and does not answer", "If it is not just starting or ending, look into agent.log there, then end it and mount again.")));
        }

        return Task.FromResult(patient.Journal is not { } journal
            ? CheckOutcome.Fine
            : CheckOutcome.Of(journal.Drives()
                .Select(row => (Row: row, Pending: PendingOf(journal, row)))
                .Where(drive => !drive.Pending.IsEmpty)
                .Select(drive => new Finding(
                    $"no agent runs, and the drive at {drive.Row.MountPoint} has {Pending.Describe(drive.Pending)}", "Give the mount line again; it goes on where it stopped."))));
    }

    private static PendingSummary PendingOf(JournalReader journal, DriveRow row)
    {
        var counts = journal.Counts(row.Id);
        var bytes = journal.UnsettledTallies(row.Id, journal.Position().Durable).Where(tally => tally is { Pending: true, Directory: false }).Sum(tally => tally.Bytes);
        // Closed and not sealed when the agent was killed, or interrupted: the next one decides.
        var open = NodeStates.Page(after => journal.OpenOrTroubledNodes(row.Id, after, PageSize), PageSize).Count(node => node is { Open: not null, Pending: false });
        return new PendingSummary(counts.Pending + open, bytes, Math.Max(counts.Deletes, counts.Pending == 0 ? counts.Uploads : 0), counts.Problems + counts.FailedDeletes);
    }
}
