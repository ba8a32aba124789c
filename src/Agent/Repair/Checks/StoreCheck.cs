using SyncAgent.Agent.Configuration;
using SyncAgent.Agent.Direct;
using SyncAgent.Agent.Setup;
using SyncAgent.Agent.Status;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>
/// Whether each drive's store can be reached and lets the keys do what a drive does, see <see cref="StoreTrial"/>. Nothing is written;
/// whether objects may be deleted cannot be asked without deleting.
/// </summary>
internal sealed class StoreCheck : ICheck
{
    public string Name => "store";

    public async Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (patient.Drives.Count == 0) return CheckOutcome.Skip("no drives");
        var findings = new List<Finding>();
        foreach (var drive in patient.Drives) findings.AddRange(await LookAsync(drive, patient, stop));
        return CheckOutcome.Of(findings);
    }

    private static async Task<IReadOnlyList<Finding>> LookAsync(DriveTarget drive, DoctorCase patient, CancellationToken stop)
    {
        var target = drive.Target;
        var who = $"{drive.MountPoint} (bucket {target.Bucket} at {target.EndpointHost})";
        var missing = Credentials.Missing(target, patient.Context.Environment);
        var steps = new List<SetupStep>();
        var answers = await StoreTrial.LookAsync(
            target, missing is null ? () => DirectTarget.Open(target, patient.Context) : null, write: false, patient.Context.Time, steps, stop);
        if (!answers) patient.SilentStores.Add(drive.MountPoint);
        var findings = steps.Where(step => !step.Ok).Select(step => new Finding($"{who}: {step.Detail}", step.Remedy ?? "")).ToList();
        if (answers && missing is not null)
            findings.Add(new Finding($"{who}: the keys cannot be tried: {missing}", "Run doctor with the keys that the agent has.", FindingLevel.Note));
        return findings;
    }
}
