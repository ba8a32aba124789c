using System.Globalization;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether SQLite finds the journal whole, this version can read it, and the rows with a checksum match it.</summary>
internal sealed class JournalCheck : ICheck
{
    private const int MostShown = 5;

    public string Name => "journal";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (patient.JournalTrouble is { } trouble)
        {
            return Task.FromResult(CheckOutcome.Of(new Finding(
                trouble, $"If it is a newer version's, install that. Else copy {patient.State} away as it is and mount: the journal is rebuilt from staging and bucket.")));
        }

        return Task.FromResult(patient.Journal is { } journal ? Look(patient, journal) : CheckOutcome.Skip($"{patient.State} has none yet"));
    }

    private static CheckOutcome Look(DoctorCase patient, JournalReader journal)
    {
        var complaints = journal.FindDamage(MostShown);
        var damaged = journal.Drives().SelectMany(drive => journal.Uploads(drive.Id)).Sum(upload => (upload.Intact ? 0 : 1) + journal.Parts(upload.Id).Count(part => !part.Intact));
        return CheckOutcome.Of(
            complaints.Count == 0 ? null : new Finding(
                $"SQLite finds the journal damaged: {string.Join("; ", complaints)}",
                $"Stop the agent, copy {patient.State} away as it is, check the disk, then mount again."),
            damaged == 0 ? null : new Finding(
                string.Create(CultureInfo.InvariantCulture, $"{damaged} rows of upload checkpoints do not match their checksums"),
                "They are not believed, and what they speak of is sent again. Check the disk and the memory of this machine.", FindingLevel.Note));
    }
}
