using System.Data.Common;
using System.Net.Sockets;
using SyncAgent.Agent.Cli;
using SyncAgent.Agent.Repair.Checks;
using SyncAgent.Fs.Linux;
using SyncAgent.Journal;
using SyncAgent.Store;

namespace SyncAgent.Agent.Repair;

/// <summary>A finding as it is shown.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Text">What it is.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="CanFix">Whether <c>--fix</c> puts it right.</param>
/// <param name="Done">What was done about it, or null.</param>
/// <param name="Failed">Why it could not be put right, or null.</param>
internal sealed record FindingReport(FindingLevel Level, string Text, string Remedy, bool CanFix, string? Done, string? Failed);

/// <summary>A check as it is shown.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Skipped">Why it was not, or null.</param>
/// <param name="Findings">What was found.</param>
internal sealed record CheckReport(string Name, string? Skipped, IReadOnlyList<FindingReport> Findings)
{
    /// <summary>Whether a problem is left.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasProblem => Findings.Any(finding => finding.Level == FindingLevel.Problem && finding.Done is null);
}

/// <summary>Makes all checks, one after the other, and puts right what is safe to.</summary>
internal sealed class Doctor(DoctorCase patient, IReadOnlyList<ICheck> checks, bool fix)
{
    /// <summary>The checks of <c>syncagent doctor</c>, local ones first.</summary>
    public static IReadOnlyList<ICheck> AllChecks =>
    [
        new StatePermissionsCheck(),
        new SecretFilesCheck(),
        new StaleMountsCheck(),
        new RegistryCheck(),
        new FuseCheck(),
        new JournalCheck(),
        new StagingFilesCheck(),
        new OrphanStagingCheck(),
        new LostAndFoundCheck(),
        new StagingPlaceCheck(),
        new SpaceCheck(),
        new DescriptorsCheck(),
        new AgentCheck(),
        new ServiceCheck(),
        new StoreCheck(),
        new UploadsCheck(),
    ];

    /// <summary>Makes the checks.</summary>
    /// <param name="report">Called with each as soon as it is made.</param>
    /// <param name="stop">Cancels.</param>
    public async Task<IReadOnlyList<CheckReport>> RunAsync(Func<CheckReport, Task> report, CancellationToken stop)
    {
        var reports = new List<CheckReport>();
        foreach (var check in checks)
        {
            reports.Add(await RunAsync(check, stop));
            await report(reports[^1]);
        }

        return reports;
    }

    private async Task<CheckReport> RunAsync(ICheck check, CancellationToken stop)
    {
        CheckOutcome outcome;
        try
        {
            outcome = await check.LookAsync(patient, stop);
        }
        catch (Exception e) when (IsExpected(e, stop))
        {
            outcome = CheckOutcome.Of(new Finding($"this could not be looked at: {Explain(e)}", "Put that right and run \"syncagent doctor\" again."));
        }

        var findings = new List<FindingReport>();
        foreach (var finding in outcome.Findings) findings.Add(await TreatAsync(finding, stop));
        return new CheckReport(check.Name, outcome.Skipped, findings);
    }

    private async Task<FindingReport> TreatAsync(Finding finding, CancellationToken stop)
    {
        var report = new FindingReport(finding.Level, finding.Text, finding.Remedy, finding.Fix is not null, null, null);
        if (!fix || finding.Fix is null) return report;
        try
        {
            return report with { Done = await finding.Fix(stop) };
        }
        catch (Exception e) when (IsExpected(e, stop))
        {
            return report with { Failed = Explain(e) };
        }
    }

    // One check that cannot be made must not keep the others from being made.
    private static bool IsExpected(Exception e, CancellationToken stop) =>
        e is IOException or UnauthorizedAccessException or StoreException or JournalException or FuseException or CommandException or SocketException
            or DbException
        || (e is OperationCanceledException && !stop.IsCancellationRequested);

    private static string Explain(Exception e) => e is StoreException store ? store.Explain() : e.Message;
}
