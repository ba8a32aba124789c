using SyncAgent.Agent.Hosting;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether the state folder is on a disk that keeps what it is given.</summary>
internal sealed class StagingPlaceCheck : ICheck
{
    public string Name => "place of the state folder";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop) => Task.FromResult(
        !Directory.Exists(patient.State) ? CheckOutcome.Skip($"{patient.State} does not exist yet")
        : StateDisk.Warning(patient.State) is { } warning ? CheckOutcome.Of(new Finding(
            warning, "To move it: wait until all is sent (\"syncagent wait\"), unmount, copy the folder with its attributes (cp -a), and name the new place."))
        : CheckOutcome.Fine);
}
