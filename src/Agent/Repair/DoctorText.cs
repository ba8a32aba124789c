using System.Text;
using System.Text.Json.Serialization;

namespace SyncAgent.Agent.Repair;

/// <summary>All that a doctor says, for scripts.</summary>
/// <param name="State">State folder.</param>
/// <param name="Checks">The checks in the order in which they were made.</param>
internal sealed record DoctorReport(string State, IReadOnlyList<CheckReport> Checks);

/// <summary>A check as lines for people.</summary>
internal static class DoctorText
{
    private const string Indent = "           ";

    /// <summary>One check with its findings.</summary>
    public static string Of(CheckReport check)
    {
        if (check.Skipped is { } why) return $"  skipped  {check.Name}: {why}";
        if (check.Findings.Count == 0) return $"  ok       {check.Name}";
        var text = new StringBuilder();
        foreach (var finding in check.Findings)
        {
            if (text.Length > 0) text.Append('\n');
            text.Append(finding.Level == FindingLevel.Problem ? "! problem  " : "  note     ").Append(check.Name).Append(": ").Append(finding.Text).Append('\n').Append(Indent);
            if (finding.Done is { } done) text.Append("done: ").Append(done);
            else if (finding.Failed is { } failed) text.Append("could not be put right: ").Append(failed).Append('\n').Append(Indent).Append(finding.Remedy);
            else text.Append(finding.Remedy).Append(finding.CanFix ? " (or --fix)" : "");
        }

        return text.ToString();
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
