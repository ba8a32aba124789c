using System.Globalization;
using SyncAgent.Agent.Configuration;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>What recovery could not tell apart and has kept.</summary>
internal sealed class LostAndFoundCheck : ICheck
{
    private const int MostShown = 5;

    public string Name => "lost and found";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        var place = new LostAndFound(patient.State, patient.Context.Time);
        var files = place.List();
        var shown = files.TakeLast(MostShown).Select(file => file.OriginalPath ?? Path.GetFileName(file.File));
        return Task.FromResult(CheckOutcome.Of(files.Count == 0 ? null : new Finding(
            string.Create(CultureInfo.InvariantCulture, $"{files.Count} files ({ByteSize.Format(files.Sum(file => file.Bytes))}) lie in {place.Folder}, the latest: {string.Join(", ", shown)}"),
            "\"Recover by hand\" in docs/operations.md tells how to get them back. Nothing there is ever deleted by the program: delete what you do not need.",
            FindingLevel.Note)));
    }
}
