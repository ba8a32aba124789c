using System.Globalization;
using SyncAgent.Agent.Monitoring;

namespace SyncAgent.Agent.Repair.Checks;

/// <summary>Whether an agent may open as many files as a busy drive needs; it takes the hard limit at its start.</summary>
internal sealed class DescriptorsCheck : ICheck
{
    private const long Enough = 4096;

    public string Name => "limit of open files";

    public Task<CheckOutcome> LookAsync(DoctorCase patient, CancellationToken stop)
    {
        if (!OperatingSystem.IsLinux()) return Task.FromResult(CheckOutcome.Skip("Linux only"));
        var who = patient.Agent is { } agent ? agent.Agent.Pid.ToString(CultureInfo.InvariantCulture) : "self";
        return Task.FromResult(CheckOutcome.Of(Judge(File.ReadLines($"/proc/{who}/limits"))));
    }

    /// <summary>Judges the lines of a "limits" file of proc(5).</summary>
    public static Finding? Judge(IEnumerable<string> limits)
    {
        return ProcessFigures.FindLimit(limits) is [_, var hard, ..] && long.TryParse(hard, CultureInfo.InvariantCulture, out var limit) && limit < Enough
            ? new Finding(
                $"the agent may open {limit} files at most, {Enough} and more are wanted",
                "For a service: LimitNOFILE=65536. Else raise \"nofile\" in /etc/security/limits.conf and log in again.")
            : null;
    }
}
