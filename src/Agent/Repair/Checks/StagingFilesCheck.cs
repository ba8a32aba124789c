using System.Globalization;
using SyncAgent.Journal;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Rows of the journal whose local bytes are gone.</summary>
internal sealed class StagingFilesCheck : ICheck
{
    private const int PageSize = 1000;
    private const int MostShown = 5;

    public string Name => "staged content";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop) =>
        Task.FromResult(patient.Journal is { } journal ? Look(patient, journal, stop) : CheckOutcome.Skip("no journal that can be read"));

    private static CheckOutcome Look(DoctorCase patient, JournalReader journal, CancellationToken stop)
    {
        var lost = new List<string>();
        long count = 0;
        for (long after = 0; journal.GenerationsAfter(after, PageSize) is { Count: > 0 } page; after = page[^1].Id)
        {
            stop.ThrowIfCancellationRequested();
            foreach (var generation in page)
            {
                // Looked at again: a live agent gives files back.
                if (File.Exists(Path.Combine(patient.State, "staging", generation.Staging)) || journal.Generation(generation.Id) is null) continue;
                count++;
                if (lost.Count < MostShown) lost.Add(journal.ShownPath(generation.Node) ?? "a removed file");
            }
        }

        return CheckOutcome.Of(count == 0 ? null : new Finding(
            string.Create(CultureInfo.InvariantCulture, $"the local bytes of {count} contents are gone, of {string.Join(", ", lost)}{(count > lost.Count ? " and others" : "")}"),
            $"Somebody has deleted files in {Path.Combine(patient.State, "staging")}: put them back from a backup. What the bucket has is not touched."));
    }
}
